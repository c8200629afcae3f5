/** What the page knows about a kind of media: a row of `kinds.ts`, and a file that draws it. */
import type { ComponentType } from 'react';
import type { MediaItem } from '../../data/cells';
import type { IconName } from '../../parts/design/Icon';
import type { CellsQuery } from '../../wire';
import type { MediaAddress } from './mediaAddress';
import type { ChangeMedia } from './useMediaAddress';

export type MediaKind = NonNullable<CellsQuery['kind']>;

/** What all tiles have in common. */
export interface TileLook {
  readonly address: MediaAddress;
  /** One of the looks of the kind. */
  readonly look: string;
  /** The step that all show, if they show one. */
  readonly at: number | null;
  readonly items: readonly MediaItem[];
  readonly labelOf: (item: MediaItem) => string;
  /** Everything about it in one line. */
  readonly titleOf: (item: MediaItem) => string;
  /** What tells some of them apart. */
  readonly labelsAmong: (items: readonly MediaItem[]) => (item: MediaItem) => string;
  /** What is drawn in the tile of an item: itself, and others of its cell. */
  readonly matesOf: (item: MediaItem) => readonly MediaItem[];
  /** Whether there is a line below each tile. */
  readonly labeled: boolean;
}

export interface KindTileProps {
  readonly item: MediaItem;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly look: TileLook;
  readonly onOpen: (item: MediaItem) => void;
}

export interface OpenProps {
  readonly items: readonly MediaItem[];
  readonly at: number;
  readonly titleOf: (item: MediaItem) => string;
  readonly look: TileLook;
  readonly onMove: (index: number) => void;
  readonly onClose: () => void;
}

export interface PairProps {
  readonly pair: readonly [MediaItem, MediaItem];
  readonly titleOf: (item: MediaItem) => string;
  readonly onClose: () => void;
}

export interface MediaKindRow {
  readonly kind: MediaKind;
  readonly noun: string;
  readonly nouns: string;
  readonly label: string;
  /** How a query calls all media of the kind. */
  readonly alias: string;
  readonly icon: IconName;
  /** The line that records one. */
  readonly code: string;
  /** A query. */
  readonly example: string;
  /** What a regular expression is searched in; null: nothing is searched. */
  readonly searched: string | null;
  /** The fields of rows and columns, and the size of tiles, unless the address says something else. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly size: number;
  readonly sizes: readonly [smallest: number, largest: number];
  /** The first one is used unless the address has another one. */
  readonly looks: readonly { readonly value: string; readonly label: string }[];
  /** Height over width of the tiles. */
  readonly shapeOf: (items: readonly MediaItem[]) => number;
  /** The values that have a tile, of all or of those that are shown at one step. */
  readonly tilesOf: (items: readonly MediaItem[]) => readonly MediaItem[];
  /** Items of a cell with the same text are drawn in one tile; null: alone. Without it, all are alone. */
  readonly together?: { readonly noun: string; readonly of: (item: MediaItem) => string | null };
  readonly Tile: ComponentType<KindTileProps>;
  readonly Open: ComponentType<OpenProps>;
  /** Draws two that were chosen; without it, none can be chosen. */
  readonly Compare?: ComponentType<PairProps>;
  readonly Controls?: ComponentType<{ address: MediaAddress; change: ChangeMedia }>;
}

export const every = (items: readonly MediaItem[]): readonly MediaItem[] => items;
