package phaistos.checker.linearizability.models;

import java.util.Optional;
import phaistos.checker.linearizability.Model;
import phaistos.checker.linearizability.Monitored;
import phaistos.checker.linearizability.Step;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;

/** A register with read, write and compare-and-set. Its state is its value. */
public record CasRegister(Edn initial) implements Model<Edn, RegisterCall> {
  /** Initially nil. */
  public CasRegister() {
    this(Edn.NIL);
  }

  @Override
  public Step<Edn> step(Edn state, RegisterCall call) {
    return switch (call) {
      case RegisterCall.Read read ->
          read.value().isEmpty() || read.value().get().equals(state)
              ? Step.next(state)
              : Step.inconsistent(
                  "can't read " + print(read.value().get()) + " from register " + print(state));
      case RegisterCall.Write write -> Step.next(write.value());
      case RegisterCall.Cas cas ->
          cas.from().equals(state)
              ? Step.next(cas.to())
              : Step.inconsistent(
                  "can't CAS "
                      + print(state)
                      + " from "
                      + print(cas.from())
                      + " to "
                      + print(cas.to()));
      case RegisterCall.CasMismatch cas ->
          cas.from().equals(state)
              ? Step.inconsistent("the CAS from " + print(cas.from()) + " would have matched")
              : Step.next(state);
    };
  }

  @Override
  public boolean isObservation(RegisterCall call) {
    return call instanceof RegisterCall.Read || call instanceof RegisterCall.CasMismatch;
  }

  @Override
  public boolean isOverwrite(RegisterCall call) {
    return call instanceof RegisterCall.Write;
  }

  @Override
  public Optional<Monitored<RegisterCall>> monitored() {
    return Optional.of(new RegisterCall.RegisterAccess(initial));
  }

  @Override
  public String describe(RegisterCall call) {
    return switch (call) {
      case RegisterCall.Read read -> "read " + read.value().map(CasRegister::print).orElse("?");
      case RegisterCall.Write write -> "write " + print(write.value());
      case RegisterCall.Cas cas -> "cas " + print(cas.from()) + " " + print(cas.to());
      case RegisterCall.CasMismatch cas ->
          "failed cas " + print(cas.from()) + " " + print(cas.to());
    };
  }

  @Override
  public String describeState(Edn state) {
    return print(state);
  }

  private static String print(Edn value) {
    return EdnWriter.print(value);
  }
}
