package phaistos.harness.sweep;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import phaistos.simulator.CrashStates;
import phaistos.simulator.DiskImage;

/**
 * Crashes a node at every change of its disk, in all the ways of {@link CrashImages}, recovers each
 * distinct image, and compares it with the model: every acknowledged transaction is there whole,
 * one in flight is there whole or not at all, and nothing else is; the commit log says the same of
 * each.
 */
public final class CrashSweep {
  /** Transactions before the acknowledged ones whose status is asked for. */
  private static final int STATUSES = 4;

  private static final int DIFFERENCES_SHOWN = 10;

  private final SweepOptions options;
  private final Recording recording;
  private final Consumer<String> progress;
  private final Map<Long, Image> distinct = new TreeMap<>();
  private final Map<Long, Recovery.Found> found = new TreeMap<>();
  private long images;

  /**
   * An image, which may follow from crashes after several changes.
   *
   * @param cause the first of these crashes
   * @param bounds by client what its table must be for each crash
   * @param askedFrom the first transaction whose status was asked for, by client
   */
  private record Image(String cause, List<Set<Bounds>> bounds, int[] askedFrom) {}

  /** The table is that after some number of transactions from {@code ended} to {@code started}. */
  private record Bounds(int ended, int started) {}

  private CrashSweep(SweepOptions options, Recording recording, Consumer<String> progress) {
    this.options = options;
    this.recording = recording;
    this.progress = progress;
  }

  /**
   * @param changes of the disk: each is a crash, and so is the state before the first
   * @param subsetsLeftOut subsets of unsynced writes beyond the limit
   * @param differences the first ones, for people; {@code differing} counts all
   */
  public record Report(
      Coverage coverage,
      long calls,
      int changes,
      int crashes,
      long images,
      int distinct,
      long subsetsLeftOut,
      int differing,
      List<String> differences) {}

  /**
   * @param progress receives a line now and then
   */
  public static Report run(SweepOptions options, Consumer<String> progress) {
    progress.accept("recording %d transactions".formatted(options.transactions()));
    Recording recording = Recording.make(options);
    return new CrashSweep(options, recording, progress).sweep();
  }

  private Report sweep() {
    CrashImages kinds = new CrashImages(options, recording);
    CrashStates states = new CrashStates();
    int crashes = 0;
    for (int change = 0; change < recording.changes().size(); change++) {
      states.apply(recording.changes().get(change));
      int done = change + 1;
      if (isCrash(done)) {
        crashes++;
        kinds.at(
            done,
            states,
            (kind, survivors, names) -> crash(done, states.image(survivors, names), kind));
      }
      if (done % 250 == 0) {
        progress.accept(
            "%d of %d changes, %d images, %d distinct"
                .formatted(done, recording.changes().size(), images, distinct.size()));
      }
    }
    return report(crashes, kinds.subsetsLeftOut());
  }

  private boolean isCrash(int change) {
    if (change < recording.from()) {
      return false;
    }
    if (options.at().isPresent()) {
      return options.at().getAsInt() == change;
    }
    return (change - recording.from()) % options.stride() == 0;
  }

  /**
   * Recoveries run one after the other: two simulations in one JVM contend for the driver's locks.
   */
  private void crash(int change, DiskImage image, String kind) {
    images++;
    long key = image.key();
    List<Bounds> now = new ArrayList<>();
    for (Recording.ClientRun client : recording.clients()) {
      int ended = client.ended(change);
      now.add(new Bounds(ended, Math.max(ended, client.started(change))));
    }
    Image known = distinct.get(key);
    if (known != null) {
      for (int client = 0; client < now.size(); client++) {
        known.bounds.get(client).add(now.get(client));
      }
      return;
    }
    List<List<Long>> asked = new ArrayList<>();
    List<Set<Bounds>> bounds = new ArrayList<>();
    int[] askedFrom = new int[now.size()];
    for (int client = 0; client < now.size(); client++) {
      askedFrom[client] = Math.max(0, now.get(client).ended - STATUSES);
      List<Long> xids = recording.clients().get(client).xids();
      asked.add(xids.subList(askedFrom[client], now.get(client).started));
      bounds.add(new LinkedHashSet<>(List.of(now.get(client))));
    }
    distinct.put(key, new Image("change %d, %s".formatted(change, kind), bounds, askedFrom));
    boolean standby = options.target() == SweepOptions.Target.STANDBY;
    found.put(key, new Recovery(image, standby, options.defects(), asked).run());
  }

  private Report report(int crashes, long leftOut) {
    List<String> differences = new ArrayList<>();
    int differing = 0;
    for (Map.Entry<Long, Image> entry : distinct.entrySet()) {
      String difference = difference(entry.getValue(), found.get(entry.getKey()));
      if (!difference.isEmpty() && differing++ < DIFFERENCES_SHOWN) {
        differences.add(entry.getValue().cause + ": " + difference);
      }
    }
    return new Report(
        Coverage.of(recording.changes()),
        recording.calls(),
        recording.changes().size(),
        crashes,
        images,
        distinct.size(),
        leftOut,
        differing,
        differences);
  }

  /** How an image differs from the model; empty if it does not. */
  private String difference(Image wanted, Recovery.Found got) {
    if (!got.problem().isEmpty()) {
      return got.problem();
    }
    for (int client = 0; client < recording.clients().size(); client++) {
      for (Bounds bounds : wanted.bounds.get(client)) {
        String difference = difference(client, bounds, wanted.askedFrom[client], got);
        if (!difference.isEmpty()) {
          return "client %d: %s".formatted(client, difference);
        }
      }
    }
    return "";
  }

  private String difference(int client, Bounds wanted, int askedFrom, Recovery.Found got) {
    List<Script.Txn> script = recording.clients().get(client).script();
    SortedMap<Integer, String> table = got.tables().get(client);
    String worst = "";
    for (int count = wanted.started; count >= wanted.ended; count--) {
      if (table.equals(after(script, count))) {
        worst = statusDifference(client, count, askedFrom, got);
        if (worst.isEmpty()) {
          return "";
        }
      }
    }
    return !worst.isEmpty()
        ? worst
        : "the table is not that after %d to %d transactions: it has %s, should have %s at least"
            .formatted(
                wanted.ended, wanted.started, summary(table), summary(after(script, wanted.ended)));
  }

  /** The same of the commit log, given that {@code count} transactions are in the table. */
  private String statusDifference(int client, int count, int askedFrom, Recovery.Found got) {
    Recording.ClientRun run = recording.clients().get(client);
    List<String> statuses = got.statuses().get(client);
    for (int i = 0; i < statuses.size(); i++) {
      int number = askedFrom + i;
      boolean isCommitted = run.script().get(number).commits() && number < count;
      String status = statuses.get(i);
      if (status != null && status.equals("committed") != isCommitted) {
        return "the commit log says \"%s\" of transaction %d (xid %d), of %d in the table"
            .formatted(status, number, run.xids().get(number), count);
      }
    }
    return "";
  }

  private static SortedMap<Integer, String> after(List<Script.Txn> script, int count) {
    return count == 0 ? new TreeMap<>() : script.get(count - 1).after();
  }

  private static String summary(SortedMap<Integer, String> table) {
    List<String> rows = new ArrayList<>();
    table.forEach((id, value) -> rows.add(id + "=" + value.replaceFirst("-x*$", "")));
    return rows.toString();
  }
}
