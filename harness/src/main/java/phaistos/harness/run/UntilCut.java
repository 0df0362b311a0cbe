package phaistos.harness.run;

import phaistos.harness.Cutoff;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Context;
import phaistos.histories.generators.Generator;

/** A generator that another replaces for good once the end of the run is requested. */
record UntilCut(Cutoff cutoff, Generator<UntypedCall> inner, Generator<UntypedCall> instead)
    implements Generator<UntypedCall> {
  @Override
  public Step<UntypedCall> next(Context context) {
    return cutoff.isRequested()
        ? instead.next(context)
        : inner.next(context).around(rest -> new UntilCut(cutoff, rest, instead));
  }

  @Override
  public Generator<UntypedCall> update(Context context, Event<UntypedCall> event) {
    return new UntilCut(cutoff, inner.update(context, event), instead.update(context, event));
  }
}
