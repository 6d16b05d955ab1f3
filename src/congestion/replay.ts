import { Bottleneck } from './bottleneck.ts';
import type { Models } from './models.ts';
import { RecoveryWindow } from './recovery-window.ts';
import { WindowObserver } from './window-observer.ts';

/** What a sender is replayed with from when it has more than half its initial window under way: less changes nothing. */
export class Replay {
  readonly models: Models;
  readonly observer = new WindowObserver();
  readonly recovery = new RecoveryWindow();
  readonly bottleneck = new Bottleneck();

  constructor(models: Models) {
    this.models = models;
  }
}
