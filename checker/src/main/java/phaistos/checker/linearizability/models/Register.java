package phaistos.checker.linearizability.models;

import java.util.Optional;
import phaistos.checker.linearizability.Model;
import phaistos.checker.linearizability.Monitored;
import phaistos.checker.linearizability.Step;
import phaistos.histories.Edn;

/** A register with read and write only: a compare-and-set is no call of it. */
public record Register(Edn initial) implements Model<Edn, RegisterCall> {
  public Register() {
    this(Edn.NIL);
  }

  @Override
  public Step<Edn> step(Edn state, RegisterCall call) {
    return new CasRegister(initial).step(state, check(call));
  }

  static RegisterCall check(RegisterCall call) {
    return switch (call) {
      case RegisterCall.Read _, RegisterCall.Write _ -> call;
      case RegisterCall.Cas _, RegisterCall.CasMismatch _ ->
          throw new IllegalArgumentException("a register knows no cas; a cas-register does");
    };
  }

  @Override
  public boolean isObservation(RegisterCall call) {
    return call instanceof RegisterCall.Read;
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
    return new CasRegister(initial).describe(call);
  }

  @Override
  public String describeState(Edn state) {
    return new CasRegister(initial).describeState(state);
  }
}
