package phaistos.harness.run;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import phaistos.harness.LoadScript;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Act;
import phaistos.histories.generators.Context;
import phaistos.histories.generators.Generator;

/**
 * The calls of a script: each on its thread, at its time or as soon after that as the thread is
 * free. Calls of one thread keep their order.
 */
record ScriptedLoad(List<LoadScript.Call> left) implements Generator<UntypedCall> {
  @Override
  public Step<UntypedCall> next(Context context) {
    if (left.isEmpty()) {
      return new Step.Exhausted<>();
    }
    Set<Integer> earlier = new HashSet<>();
    for (int i = 0; i < left.size(); i++) {
      LoadScript.Call call = left.get(i);
      int thread = call.thread() % context.clientThreadCount();
      if (earlier.add(thread) && context.isFree(thread)) {
        List<LoadScript.Call> rest = new ArrayList<>(left);
        rest.remove(i);
        long at = Math.max(context.timeNanos(), call.atNanos());
        return new Step.Emit<>(
            new Act.Call<>(at, context.processOf(thread), call.call()),
            new ScriptedLoad(List.copyOf(rest)));
      }
    }
    return new Step.Pending<>(NEVER, this);
  }
}
