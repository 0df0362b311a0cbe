package phaistos.checker.linearizability.models;

import java.util.List;
import java.util.Optional;
import phaistos.checker.linearizability.Monitored;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.UntypedCall;

/**
 * A call on a register. In a history: {@code :read} (nil: the value is not known), {@code
 * :read-nil} (it was seen to be nil), {@code :write v}, {@code :cas [from to]} (it was swapped),
 * {@code :cas-mismatch [from to]} (it was seen to hold something else than {@code from}).
 */
public sealed interface RegisterCall {
  /** Empty if the value read is unknown: it constrains nothing. */
  record Read(Optional<Edn> value) implements RegisterCall {}

  record Write(Edn value) implements RegisterCall {}

  record Cas(Edn from, Edn to) implements RegisterCall {}

  record CasMismatch(Edn from, Edn to) implements RegisterCall {}

  /** Reads and writes of a register that holds this at first. */
  record RegisterAccess(Edn initial) implements Monitored<RegisterCall> {
    @Override
    public Monitored.Kind kind() {
      return Monitored.Kind.REGISTER;
    }

    @Override
    public Optional<Edn> initialElement() {
      return Optional.of(initial);
    }

    @Override
    public Monitored.Access access(RegisterCall call) {
      return switch (call) {
        case Read read when read.value().isPresent() ->
            new Monitored.Access.See(read.value().get());
        case Read _ -> new Monitored.Access.Nothing();
        case Write write -> new Monitored.Access.Put(write.value());
        case Cas _, CasMismatch _ -> new Monitored.Access.Other();
      };
    }
  }

  static RegisterCall read() {
    return new Read(Optional.empty());
  }

  static RegisterCall read(long value) {
    return new Read(Optional.of(Edn.of(value)));
  }

  static RegisterCall write(long value) {
    return new Write(Edn.of(value));
  }

  static RegisterCall cas(long from, long to) {
    return new Cas(Edn.of(from), Edn.of(to));
  }

  static RegisterCall decode(UntypedCall call) {
    Edn value = call.value();
    return switch (call.name()) {
      case "read" -> new Read(value instanceof Edn.Nil ? Optional.empty() : Optional.of(value));
      case "read-nil" -> new Read(Optional.of(Edn.NIL));
      case "write" -> new Write(value);
      case "cas", "cas-mismatch" -> {
        List<Edn> pair = value.elements();
        if (pair.size() != 2) {
          throw new IllegalArgumentException(
              "a cas needs [from to], not " + EdnWriter.print(value));
        }
        yield call.name().equals("cas")
            ? new Cas(pair.get(0), pair.get(1))
            : new CasMismatch(pair.get(0), pair.get(1));
      }
      default ->
          throw new IllegalArgumentException(
              "a register knows :read, :write and :cas, not " + EdnWriter.print(call.f()));
    };
  }
}
