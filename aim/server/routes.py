"""The route table: every address of the API, in the order of the OpenAPI description."""

from __future__ import annotations

from aim.server import (
    artifacts,
    bookmarks,
    cells,
    dashboards,
    detail,
    experiments,
    launch,
    links,
    media,
    media_files,
    output,
    projections,
    queues,
    runs,
    series,
    standings,
    table,
    tables,
    tags,
    thumbnails,
    views,
    waveforms,
)
from aim.server import wire as w
from aim.server.live import Live
from aim.server.route import EVENTS, FILE, SMALL, Route

FRAMES = w.FRAMES

READ = (
    Route("GET", "api/project", links.project, "The repository and what the caller may do", w.Project, None, "visit"),
    Route("GET", "api/complete", runs.completion, "What can stand at the cursor", w.Completion, w.CompleteQuery),
    Route("GET", "api/metrics", runs.metric_names, "Names of metrics", w.MetricNames, w.MetricsQuery),
    Route("GET", "api/metrics/directions", runs.directions, "Which values of metrics are better", w.Directions),
    Route("GET", "api/contexts", runs.contexts, "Keys and values of contexts", w.Contexts),
    Route("GET", "api/check", runs.check, "Whether a statement is valid", w.Check, w.StatementQuery),
    Route("GET", "api/series", series.search, "Runs, params and points", FRAMES, w.SeriesQuery),
    Route("GET", "api/runs", runs.list_runs, "Runs and params", FRAMES, w.RunsQuery),
    Route("GET", "api/table", table.rows, "Runs, params and values of metrics", FRAMES, w.TableQuery),
    Route("GET", "api/page", table.page, "Some runs in an order", FRAMES, w.PageQuery),
    Route("GET", "api/page/groups", table.groups, "Groups of runs with a value for each column", FRAMES, w.GroupsQuery),
    Route("GET", "api/page/facts", table.facts, "Values and ends of a table's columns", w.Facts, w.FactsQuery),
    Route("GET", "api/beside", table.beside, "A metric where another one is best", FRAMES, w.BesideQuery),
    Route("GET", "api/run", detail.detail, "One run without its points", w.RunDetail, w.RunQuery),
    Route("GET", "api/run/output", output.page, "What a run printed", w.OutputPage, w.OutputQuery),
    Route("GET", "api/run/output/find", output.find, "Search what it printed", w.OutputPlaces, w.OutputSearch),
    Route("GET", "api/run/messages", output.messages, "The lines that a run logged", w.LogMessages, w.RunQuery),
    Route("GET", "api/run/media", media.list_series, "Media of a run, by series", w.RunMedia, w.MediaQuery),
    Route("GET", "api/run/media/values", media.values, "Some of a series", w.MediaValues, w.MediaValuesQuery),
    Route("GET", "api/media", cells.list_cells, "Media of many runs", FRAMES, w.CellsQuery),
    Route("GET", "api/media/zip", media_files.download, "Their files as a zip", FILE, w.MediaFilesQuery),
    Route("GET", "api/media/table", tables.rows, "Rows of recorded tables as one", w.RecordedRows, w.TableRowsQuery),
    Route("GET", "api/media/csv", tables.download, "The same rows, all of them, as CSV", FILE, w.TableFileQuery),
    Route("GET", "api/run/cell", tables.image, "An image in a cell of a table", FILE, w.TableImageQuery),
    Route("GET", "api/run/thumbnail", thumbnails.thumbnail, "A small copy of an image", FILE, w.ThumbnailQuery),
    Route("GET", "api/run/page", media.framed, "A page of HTML for a frame", FILE, w.MediaPageQuery),
    Route("GET", "api/run/projection", projections.projection, "An embedding in space", FILE, w.ProjectionQuery),
    Route("GET", "api/run/waveform", waveforms.waveform, "The outline of a sound", FILE, w.WaveformQuery),
    Route("GET", "api/run/text", media.text_parts, "A text, and where it matches", w.TextParts, w.TextQuery),
    Route("GET", "api/run/blob", media.content, "The bytes of one of them", FILE, w.BlobQuery),
    Route("GET", "api/overview", experiments.overview, "Counts, days, last changes", w.Overview, w.OverviewQuery),
    Route("GET", "api/standings", standings.standings, "Best runs, progress, diverged ones", w.Standings),
    Route("GET", "api/experiments", experiments.list_experiments, "All experiments", w.Experiments),
    Route("GET", "api/tags", tags.list_tags, "All tags", w.Tags),
    Route("GET", "api/bookmarks", bookmarks.list_bookmarks, "All bookmarks", w.Bookmarks),
    Route("GET", "api/dashboards", dashboards.list_dashboards, "All dashboards", w.Dashboards),
    Route("GET", "api/dashboard", dashboards.detail, "One with its charts", w.Dashboard, w.DashboardQuery),
    Route("GET", "api/artifacts", artifacts.list_artifacts, "All artifacts", w.ArtifactList),
    Route("GET", "api/artifact", artifacts.detail, "One version", w.ArtifactDetail, w.ArtifactQuery),
    Route("GET", "api/artifact/diff", artifacts.difference, "Two versions", w.ArtifactDiff, w.ArtifactDiffQuery),
    Route("GET", "api/artifact/preview", artifacts.preview, "One file", w.ArtifactPreview, w.ArtifactFileQuery),
    Route("GET", "api/artifact/file", artifacts.content, "The bytes of one", FILE, w.ArtifactFileQuery),
    Route("GET", "api/run/artifacts", artifacts.of_run, "Made and used", w.RunArtifactList, w.RunQuery),
    Route("GET", "api/view", views.text, "One view too long for an address", w.ViewText, w.ViewId),
    Route("GET", "api/live", Live.events, "A LiveEvent whenever runs changed", EVENTS),
)

EDIT = (
    Route("POST", "api/runs/archive", runs.archive, "Archive or restore runs", w.Changed, w.ArchiveRequest, "edit"),
    Route("POST", "api/runs/delete", runs.delete, "Delete runs permanently", w.Deleted, w.DeleteRequest, "delete"),
    Route("POST", "api/runs/edit", runs.edit, "Name, describe, move, tag", w.Changed, w.EditRequest, "edit"),
    Route("POST", "api/runs/params", runs.add_params, "Add params", w.Changed, w.ParamsRequest, "edit"),
    Route("POST", "api/runs/note", detail.note, "Write or remove a note", w.Saved, w.NoteRequest, "edit"),
    Route("POST", "api/metrics/direction", runs.set_direction, "Set one", w.Changed, w.DirectionRequest, "edit", SMALL),
    Route("POST", "api/experiments/add", experiments.add, "Add one", w.Changed, w.ExperimentName, "edit", SMALL),
    Route("POST", "api/experiments/edit", experiments.edit, "Change one", w.Changed, w.ExperimentRequest, "edit"),
    Route("POST", "api/experiments/delete", experiments.delete, "Remove", w.Deleted, w.ExperimentName, "delete", SMALL),
    Route("POST", "api/tags/save", tags.save, "Add or change a tag", w.Changed, w.TagRequest, "edit", SMALL),
    Route("POST", "api/tags/delete", tags.delete, "Take it off all runs", w.Changed, w.TagName, "edit", SMALL),
    Route("POST", "api/bookmarks/save", bookmarks.save, "Add or change one", w.Saved, w.BookmarkRequest, "edit"),
    Route("POST", "api/artifacts/alias", artifacts.set_alias, "Move one", w.Changed, w.AliasRequest, "edit", SMALL),
    Route("POST", "api/views/save", views.save, "Store one for its address", w.Saved, w.ViewText, "edit"),
    Route("POST", "api/bookmarks/delete", bookmarks.delete, "Remove one", w.Changed, w.BookmarkName, "edit", SMALL),
    Route("POST", "api/dashboards/save", dashboards.save, "Add or change one", w.Dashboard, w.DashboardRequest, "edit"),
    Route(
        "POST", "api/dashboards/home", dashboards.show_at_home, "Show at home", w.Changed, w.HomeRequest, "edit", SMALL
    ),
    Route("POST", "api/dashboards/delete", dashboards.delete, "Remove one", w.Changed, w.DashboardName, "edit", SMALL),
)

WATCH = (
    Route("GET", "api/launch", launch.status, "Whether commands may be started", w.LaunchStatus, None, "watch"),
    Route("GET", "api/launch/draft", launch.draft, "The command of a run", w.Draft, w.RunQuery, "watch"),
    Route("GET", "api/processes", launch.list_processes, "Commands", w.Processes, w.ProcessesQuery, "watch"),
    Route("GET", "api/process", launch.process, "One of them", w.Process, w.RunQuery, "watch"),
    Route("GET", "api/templates", launch.list_templates, "Commands with parameters", w.Templates, None, "watch"),
    Route("GET", "api/queues", queues.list_queues, "Queues, newest first", w.Queues, None, "watch"),
    Route("GET", "api/queue", queues.detail, "One queue with its trials", w.QueueDetail, w.QueueQuery, "watch"),
)

START = (
    Route("POST", "api/launch/preview", launch.preview, "What would start", w.Preview, w.PreviewRequest, "start"),
    Route("POST", "api/launch/start", launch.start, "Start a command", w.Started, w.StartRequest, "start"),
    Route("POST", "api/processes/stop", launch.stop, "Stop one", w.Changed, w.StopRequest, "start", SMALL),
    Route("POST", "api/templates/save", launch.save_template, "Add or change", w.Saved, w.TemplateRequest, "start"),
    Route("POST", "api/templates/delete", launch.delete_template, "Remove", w.Changed, w.TemplateName, "start", SMALL),
    Route("POST", "api/queues/preview", queues.preview, "List trials", w.QueuePreview, w.QueuePreviewRequest, "start"),
    Route("POST", "api/queues/add", queues.add, "Add a queue of trials", w.Saved, w.QueueRequest, "start"),
    Route("POST", "api/queues/edit", queues.edit, "Pause, slots, order", w.Changed, w.QueueEdit, "start", SMALL),
    Route("POST", "api/queues/trials", queues.trials, "Cancel, retry", w.Changed, w.TrialsRequest, "start", SMALL),
    Route("POST", "api/queues/delete", queues.delete, "Remove; runs stay", w.Changed, w.QueueName, "start", SMALL),
)

SHARE = (
    Route(
        "GET", "api/tokens", links.list_tokens, "Tokens and links that the caller may see", w.TokenRows, None, "visit"
    ),
    Route("POST", "api/tokens/revoke", links.revoke, "Revoke some", w.Changed, w.TokenIds, "visit", SMALL),
    Route("POST", "api/links/add", links.add, "Make a read-only link", w.ReadOnlyLink, w.LinkRequest, "share", SMALL),
)

ROUTES = (*READ, *EDIT, *SHARE, *WATCH, *START)
