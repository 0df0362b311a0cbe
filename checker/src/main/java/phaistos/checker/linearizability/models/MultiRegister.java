package phaistos.checker.linearizability.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import phaistos.checker.linearizability.Model;
import phaistos.checker.linearizability.PersistentMap;
import phaistos.checker.linearizability.Step;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.UntypedCall;

/**
 * Several registers, read and written together. In a history: {@code :txn [[:read :x nil] [:write
 * :y 2]]}, or {@code :read {:x nil}} and {@code :write {:x 1}}. A read of nil has an unknown
 * result. A register missing in the initial state holds nil.
 */
public record MultiRegister(PersistentMap<Edn, Edn> initial)
    implements Model<PersistentMap<Edn, Edn>, MultiRegister.Txn> {
  public MultiRegister() {
    this(PersistentMap.empty());
  }

  /** From a map of registers to values. */
  static MultiRegister of(Edn initial) {
    PersistentMap<Edn, Edn> registers = PersistentMap.empty();
    if (!(initial instanceof Edn.Table table)) {
      throw new IllegalArgumentException(
          "a multi-register starts with a map, not " + EdnWriter.print(initial));
    }
    for (Map.Entry<Edn, Edn> entry : table.entries().entrySet()) {
      registers = registers.with(entry.getKey(), entry.getValue());
    }
    return new MultiRegister(registers);
  }

  /** Part of a transaction. */
  public sealed interface MicroOp {
    Edn register();
  }

  /** Empty where the value is not known. */
  public record Read(Edn register, Optional<Edn> value) implements MicroOp {}

  public record Write(Edn register, Edn value) implements MicroOp {}

  /** Its parts happen in their order, at one moment. */
  public record Txn(List<MicroOp> parts) {
    public Txn {
      parts = List.copyOf(parts);
    }
  }

  @Override
  public Step<PersistentMap<Edn, Edn>> step(PersistentMap<Edn, Edn> state, Txn call) {
    PersistentMap<Edn, Edn> now = state;
    for (MicroOp part : call.parts) {
      Edn held = now.get(part.register()).orElse(Edn.NIL);
      switch (part) {
        case Read read -> {
          if (read.value.isPresent() && !read.value.get().equals(held)) {
            return Step.inconsistent(
                "can't read "
                    + EdnWriter.print(read.value.get())
                    + " from "
                    + EdnWriter.print(read.register)
                    + ", which holds "
                    + EdnWriter.print(held));
          }
        }
        case Write write -> now = now.with(write.register, write.value);
      }
    }
    return Step.next(now);
  }

  @Override
  public boolean isObservation(Txn call) {
    return call.parts.stream().allMatch(Read.class::isInstance);
  }

  @Override
  public String describe(Txn call) {
    return call.parts.stream()
        .map(
            part ->
                switch (part) {
                  case Read read ->
                      "read "
                          + EdnWriter.print(read.register)
                          + "="
                          + read.value.map(EdnWriter::print).orElse("?");
                  case Write write ->
                      "write "
                          + EdnWriter.print(write.register)
                          + "="
                          + EdnWriter.print(write.value);
                })
        .collect(Collectors.joining(", "));
  }

  @Override
  public String describeState(PersistentMap<Edn, Edn> state) {
    List<String> parts = new ArrayList<>();
    state.forEach((k, v) -> parts.add(EdnWriter.print(k) + "=" + EdnWriter.print(v)));
    parts.sort(null);
    return "{" + String.join(" ", parts) + "}";
  }

  static Txn decode(UntypedCall call) {
    List<MicroOp> parts = new ArrayList<>();
    if (call.value() instanceof Edn.Table table) {
      for (Map.Entry<Edn, Edn> entry : table.entries().entrySet()) {
        parts.add(part(call.name(), entry.getKey(), entry.getValue()));
      }
      return new Txn(parts);
    }
    if (!(call.value() instanceof Edn.Nil)) {
      for (Edn item : call.value().elements()) {
        List<Edn> fields = item.elements();
        if (fields.size() != 3) {
          throw new IllegalArgumentException(
              "a part of a transaction is [:read k v] or [:write k v], not "
                  + EdnWriter.print(item));
        }
        String name = new UntypedCall(fields.get(0), Edn.NIL).name();
        parts.add(part(name, fields.get(1), fields.get(2)));
      }
    }
    return new Txn(parts);
  }

  private static MicroOp part(String name, Edn register, Edn value) {
    return switch (name) {
      case "read", "r" ->
          new Read(register, value instanceof Edn.Nil ? Optional.empty() : Optional.of(value));
      case "write", "w" -> new Write(register, value);
      default ->
          throw new IllegalArgumentException(
              "a multi-register knows :read and :write, not " + name);
    };
  }
}
