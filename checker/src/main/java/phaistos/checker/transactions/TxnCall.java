package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.histories.Codec;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.UntypedCall;

/** A transaction over lists or registers: Jepsen's {@code :f :txn}. */
public record TxnCall(List<MicroOp> steps) {
  private static final Edn R = Edn.keyword("r");

  public TxnCall {
    steps = List.copyOf(steps);
  }

  /** Between transactions and {@code [[:append 1 2] [:r 3 nil]]}, of either kind. */
  public static Codec<TxnCall> codec(DataType type) {
    return new Codec<>() {
      @Override
      public TxnCall decode(UntypedCall call) {
        List<MicroOp> steps = new ArrayList<>();
        if (!(call.value() instanceof Edn.Nil)) {
          for (Edn step : call.value().elements()) {
            steps.add(decodeStep(type, step));
          }
        }
        return new TxnCall(steps);
      }

      @Override
      public UntypedCall encode(TxnCall call) {
        List<Edn> steps = call.steps.stream().map(TxnCall::encodeStep).toList();
        return new UntypedCall(Edn.keyword("txn"), new Edn.Vector(steps));
      }
    };
  }

  private static MicroOp decodeStep(DataType type, Edn step) {
    List<Edn> parts = step.elements();
    if (parts.size() < 2 || parts.size() > 3) {
      throw new IllegalArgumentException("not [f key value]: " + EdnWriter.print(step));
    }
    Edn key = parts.get(1);
    Edn value = parts.size() == 3 ? parts.get(2) : Edn.NIL;
    String f = new UntypedCall(parts.get(0), value).name();
    if (f.equals("rp") && type == DataType.RW_REGISTER) {
      return new MicroOp.ReadPredicate(key, value);
    }
    if (f.equals("r")) {
      if (type == DataType.RW_REGISTER) {
        return new MicroOp.ReadRegister(key, value);
      }
      return new MicroOp.ReadList(
          key, value instanceof Edn.Nil ? Optional.empty() : Optional.of(value.elements()));
    }
    if (!f.equals(type.write())) {
      throw new IllegalArgumentException(
          "a transaction over a "
              + type.label()
              + " has only r and "
              + type.write()
              + ": "
              + EdnWriter.print(step));
    }
    return type == DataType.RW_REGISTER
        ? new MicroOp.Write(key, value)
        : new MicroOp.Append(key, value);
  }

  private static Edn encodeStep(MicroOp step) {
    return switch (step) {
      case MicroOp.Append append ->
          Edn.vector(Edn.keyword("append"), append.key(), append.element());
      case MicroOp.Write write -> Edn.vector(Edn.keyword("w"), write.key(), write.value());
      case MicroOp.ReadList read ->
          Edn.vector(R, read.key(), read.elements().<Edn>map(Edn.Vector::new).orElse(Edn.NIL));
      case MicroOp.ReadRegister read -> Edn.vector(R, read.key(), read.value());
      case MicroOp.ReadPredicate read ->
          Edn.vector(Edn.keyword("rp"), read.predicate(), read.rows());
    };
  }
}
