package phaistos.formats.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import phaistos.formats.Lsn;
import phaistos.formats.RelationLocator;
import phaistos.formats.Text;
import phaistos.formats.Version;
import phaistos.formats.Xid;
import phaistos.formats.wal.BlockReference;
import phaistos.formats.wal.RecordView;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalLine;
import phaistos.formats.wal.WalRecord;

/**
 * Records of every kind of the common resource managers, with main data and block data of random
 * lengths and content: what is printed straight from the bytes is what the decoded record prints.
 */
final class CommonDescriptionsTest {
  private static final long SEED = 20_261_121;
  private static final int RECORDS = 100_000;

  /** So many kinds of records have a description in versions 14 and 15, in others no pruning. */
  private static final int KINDS = 18;

  private static final RelationLocator RELATION = new RelationLocator(1663, 5, 16_385);

  @ParameterizedTest
  @EnumSource(Version.class)
  void saysWhatTheDecodedRecordSays(Version version) {
    System.out.println("CommonDescriptionsTest: seed " + SEED);
    Random random = new Random(SEED);
    List<Rmgr> rmgrs = List.of(Rmgr.XLOG, Rmgr.TRANSACTION, Rmgr.HEAP2, Rmgr.HEAP, Rmgr.BTREE);
    RecordView view = new RecordView(version);
    Map<String, Integer> common = new TreeMap<>();
    for (int i = 0; i < RECORDS; i++) {
      WalRecord record = random(rmgrs.get(random.nextInt(rmgrs.size())), random);
      byte[] bytes = record.encode();
      view.parse(bytes, 0, bytes.length);
      Text ours = new Text();
      if (view.format().describeCommon(ours, view)) {
        Text decoded = new Text();
        WalLine.describe(decoded, view);
        assertEquals(decoded.toString(), ours.toString(), () -> record.toString());
        common.merge(record.rmgr().orElseThrow() + " " + (record.info() & 0xF0), 1, Integer::sum);
      } else {
        assertEquals(0, ours.length());
      }
    }
    boolean prunes = common.containsKey("HEAP2 16");
    assertEquals(version == Version.V14 || version == Version.V15, prunes);
    assertEquals(prunes ? KINDS : KINDS - 1, common.size(), common::toString);
  }

  private static WalRecord random(Rmgr rmgr, Random random) {
    byte[] main = new byte[random.nextInt(17)];
    random.nextBytes(main);
    for (int i = 0; i < main.length; i++) {
      // small numbers and cleared flags, as real records have, beside any bytes
      if (random.nextInt(3) > 0) {
        main[i] &= 3;
      }
    }
    byte[] data = new byte[random.nextInt(14)];
    random.nextBytes(data);
    List<BlockReference> blocks =
        random.nextInt(3) == 0
            ? List.of()
            : List.of(BlockReference.of(random.nextInt(4) == 0 ? 1 : 0, RELATION, 3, data));
    int info = random.nextInt(16) << 4;
    return new WalRecord(new Xid(700), new Lsn(40), rmgr.id(), info, blocks, 0, Xid.INVALID, main);
  }
}
