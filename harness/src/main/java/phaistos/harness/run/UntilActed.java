package phaistos.harness.run;

import phaistos.histories.Event;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Context;
import phaistos.histories.generators.Generator;

/**
 * A generator that ends when the nemesis has completed a given act. The load goes on until then,
 * however long it takes.
 */
record UntilActed(String function, Generator<UntypedCall> inner) implements Generator<UntypedCall> {
  @Override
  public Step<UntypedCall> next(Context context) {
    return inner.next(context).around(rest -> new UntilActed(function, rest));
  }

  @Override
  public Generator<UntypedCall> update(Context context, Event<UntypedCall> event) {
    boolean acted =
        !event.isClient()
            && event.call().name().equals(function)
            && event.call().value() instanceof phaistos.histories.Edn.Table;
    return acted ? Ended.ENDED : new UntilActed(function, inner.update(context, event));
  }

  /** The ended generator. */
  private enum Ended implements Generator<UntypedCall> {
    ENDED;

    @Override
    public Step<UntypedCall> next(Context context) {
      return new Step.Exhausted<>();
    }
  }
}
