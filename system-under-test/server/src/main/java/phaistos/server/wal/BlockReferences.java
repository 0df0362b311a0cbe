package phaistos.server.wal;

import java.util.ArrayList;
import java.util.List;
import phaistos.formats.Lsn;
import phaistos.formats.wal.BlockImage;
import phaistos.formats.wal.BlockReference;
import phaistos.formats.wal.Compression;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;
import phaistos.server.storage.Buffer;

/** What a record says of the blocks that it changes (XLogRecordAssemble). Thread-safe. */
final class BlockReferences {
  private final Steps steps;
  private final WalCounters counters;

  BlockReferences(Steps steps, WalCounters counters) {
    this.steps = steps;
    this.counters = counters;
  }

  /** With a full-page image where a page has not been changed since the redo point. */
  List<BlockReference> of(List<BlockChange> changes, long redoPoint, boolean fpw) {
    if (changes.isEmpty()) {
      return List.of();
    }
    List<BlockReference> blocks = new ArrayList<>(changes.size());
    for (BlockChange change : changes) {
      Buffer buffer = change.buffer();
      Lsn pageLsn = buffer.pageLsn();
      boolean image =
          steps.answer(
              CommitSteps.FULL_PAGE_IMAGE,
              pageLsn,
              () ->
                  fpw
                      && !change.willInit()
                      && Long.compareUnsigned(pageLsn.value(), redoPoint) <= 0);
      byte[] data = image ? new byte[0] : change.data();
      BlockReference block =
          BlockReference.of(change.id(), buffer.relation(), buffer.block(), data);
      if (change.willInit()) {
        block = block.withInit();
      }
      if (image) {
        block = block.withImage(BlockImage.of(buffer.page(), true, Compression.NONE, true));
        counters.image();
      }
      blocks.add(block);
    }
    return blocks;
  }
}
