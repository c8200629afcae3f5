/** If a part of the page throws, it shows the error in its place, and the rest of the page keeps working. */
import { Component, type ReactNode } from 'react';
import { Button } from './controls';
import { Icon } from './Icon';

interface BoundaryProps {
  children: ReactNode;
  /** A new value retries. */
  resetOn: unknown;
}

export class Boundary extends Component<BoundaryProps, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override componentDidUpdate(before: BoundaryProps): void {
    if (this.state.error && before.resetOn !== this.props.resetOn) this.setState({ error: null });
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div className="notice danger" role="alert">
        <span className="notice-icon">
          <Icon name="alert" size={22} />
        </span>
        <h2>Something went wrong</h2>
        <p>
          <bdi>{error.message}</bdi>
        </p>
        <p className="hint">Recorded data is safe. This is a bug in Aim: please report it with this text.</p>
        <Button look="outline" icon="reset" onClick={() => this.setState({ error: null })}>
          Try again
        </Button>
      </div>
    );
  }
}
