package phaistos.histories.generators;

import java.util.OptionalInt;
import phaistos.histories.generators.Generator.Step;

/** Generators that contain no other generator. */
final class Leaves {
  private Leaves() {}

  record Nothing<C>() implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      return new Step.Exhausted<>();
    }
  }

  record One<C>(C call) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      OptionalInt thread = context.someFree();
      if (thread.isEmpty()) {
        return new Step.Pending<>(NEVER, this);
      }
      return new Step.Emit<>(
          new Act.Call<>(context.timeNanos(), context.processOf(thread.getAsInt()), call),
          new Nothing<>());
    }
  }

  record Drawn<C>(Seed seed, Generators.Draw<C> draw, long number) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      OptionalInt thread = context.someFree();
      if (thread.isEmpty()) {
        return new Step.Pending<>(NEVER, this);
      }
      C call = draw.draw(context, seed.child(number), number);
      return new Step.Emit<>(
          new Act.Call<>(context.timeNanos(), context.processOf(thread.getAsInt()), call),
          new Drawn<>(seed, draw, number + 1));
    }
  }

  record Pause<C>(long nanos) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      OptionalInt thread = context.someFree();
      if (thread.isEmpty()) {
        return new Step.Pending<>(NEVER, this);
      }
      return new Step.Emit<>(
          new Act.Sleep<>(context.timeNanos(), context.processOf(thread.getAsInt()), nanos),
          new Nothing<>());
    }
  }

  record Line<C>(String message) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      OptionalInt thread = context.someFree();
      if (thread.isEmpty()) {
        return new Step.Pending<>(NEVER, this);
      }
      return new Step.Emit<>(
          new Act.Log<>(context.timeNanos(), context.processOf(thread.getAsInt()), message),
          new Nothing<>());
    }
  }
}
