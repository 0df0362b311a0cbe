package phaistos.server.multixact;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.formats.Checkpoint;
import phaistos.formats.Xid;
import phaistos.formats.record.MultiXactBody;
import phaistos.server.slru.Slru;
import phaistos.server.slru.SlruOptions;
import phaistos.server.slru.SlruStatistics;
import phaistos.server.wal.Wal;
import phaistos.server.xact.ProcArray;

/**
 * Sets of transactions that lock a row together (multixact.c): a row's xmax names the set. One SLRU
 * holds where the members of each set begin, and where those of the next one will; the other one
 * holds the members, four to a group. Sets are never truncated here. Thread-safe: one lock, held
 * while a set is made.
 */
public final class MultiXact {
  private static final int OFFSETS_PER_PAGE = Slru.PAGE_BYTES / Integer.BYTES;
  private static final int MEMBERS_PER_GROUP = 4;

  /** One byte of flags for each member, then the ids. */
  private static final int GROUP_BYTES = MEMBERS_PER_GROUP * (1 + Integer.BYTES);

  private static final int GROUPS_PER_PAGE = Slru.PAGE_BYTES / GROUP_BYTES;
  private static final int MEMBERS_PER_PAGE = GROUPS_PER_PAGE * MEMBERS_PER_GROUP;
  private static final Xid FIRST = new Xid(1);

  /** The SLRUs that it needs, with NUM_MULTIXACTOFFSET_BUFFERS and NUM_MULTIXACTMEMBER_BUFFERS. */
  public static final SlruOptions OFFSETS =
      new SlruOptions(
          SlruStatistics.MULTIXACT_OFFSET,
          "pg_multixact/offsets",
          8,
          0,
          Integer.divideUnsigned(-1, OFFSETS_PER_PAGE),
          true,
          (page, other) -> page * OFFSETS_PER_PAGE - other * OFFSETS_PER_PAGE < 0);

  public static final SlruOptions MEMBERS =
      new SlruOptions(
          SlruStatistics.MULTIXACT_MEMBER,
          "pg_multixact/members",
          16,
          0,
          Integer.divideUnsigned(-1, MEMBERS_PER_PAGE),
          true,
          (page, other) -> page * MEMBERS_PER_PAGE - other * MEMBERS_PER_PAGE < 0);

  private final Slru offsets;
  private final Slru members;
  private final Wal wal;
  private final ProcArray procArray;
  private final ReentrantLock lock = new ReentrantLock();
  private Next next = new Next(FIRST, 0);

  /** The next set, and where its members begin; both are unsigned. */
  public record Next(Xid multi, int offset) {}

  /** A transaction of a set. */
  public record Member(Xid xid, LockMode mode) {}

  public MultiXact(Slru offsets, Slru members, Wal wal, ProcArray procArray) {
    this.offsets = offsets;
    this.members = members;
    this.wal = wal;
    this.procArray = procArray;
  }

  /** For a checkpoint (MultiXactGetCheckptMulti). */
  public Next next() {
    lock.lock();
    try {
      return next;
    } finally {
      lock.unlock();
    }
  }

  /** Begins with a checkpoint's numbers (StartupMultiXact, MultiXactSetNextMXact). */
  public void startup(Checkpoint checkpoint) {
    lock.lock();
    try {
      next = new Next(new Xid(checkpoint.nextMulti()), checkpoint.nextMultiOffset());
      offsets.latestPage(offsetPage(next.multi));
      members.latestPage(memberPage(next.offset));
    } finally {
      lock.unlock();
    }
  }

  /** Moves the numbers forward to those of a record (MultiXactAdvanceNextMXact). */
  public void advance(int multi, int offset) {
    lock.lock();
    try {
      Xid newMulti = multi - next.multi.value() > 0 ? new Xid(multi) : next.multi;
      next = new Next(newMulti, offset - next.offset > 0 ? offset : next.offset);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes a set of these transactions (MultiXactIdCreateFromMembers).
   *
   * @param maker the transaction whose record it is
   */
  public Xid create(Xid maker, List<Member> of) {
    lock.lock();
    try {
      Xid multi = next.multi;
      // the place 0 stays free
      int from = next.offset == 0 ? 1 : next.offset;
      Xid following = after(multi);
      if (Integer.remainderUnsigned(following.value(), OFFSETS_PER_PAGE) == 0) {
        zeroOffsets(maker, offsetPage(following));
      }
      extendMembers(maker, next.offset, from + of.size() - next.offset);
      List<MultiXactBody.Member> logged =
          of.stream()
              .map(member -> new MultiXactBody.Member(member.xid, member.mode.status()))
              .toList();
      wal.insert(maker, new MultiXactBody.CreateId(multi, from, logged));
      record(multi, from, logged);
      next = new Next(following, from + of.size());
      return multi;
    } finally {
      lock.unlock();
    }
  }

  private static Xid after(Xid multi) {
    return multi.value() == -1 ? FIRST : new Xid(multi.value() + 1);
  }

  private void zeroOffsets(Xid maker, int page) {
    offsets.zeroPage(page);
    wal.insert(maker, new MultiXactBody.ZeroOffsetPage(page));
  }

  /** ExtendMultiXactMember. */
  private void extendMembers(Xid maker, int from, int count) {
    for (int i = 0; i < count; i++) {
      if (Integer.remainderUnsigned(from + i, MEMBERS_PER_PAGE) == 0) {
        int page = memberPage(from + i);
        members.zeroPage(page);
        wal.insert(maker, new MultiXactBody.ZeroMemberPage(page));
      }
    }
  }

  /** RecordNewMultiXact. */
  private void record(Xid multi, int from, List<MultiXactBody.Member> of) {
    setOffset(multi, from);
    setOffset(after(multi), from + of.size());
    for (int i = 0; i < of.size(); i++) {
      MultiXactBody.Member member = of.get(i);
      int place = from + i;
      members.change(
          memberPage(place),
          multi,
          page -> {
            buffer(page).put(flagsByte(place), (byte) member.status());
            buffer(page).putInt(xidByte(place), member.xid().value());
          });
    }
  }

  private void setOffset(Xid multi, int offset) {
    offsets.change(
        offsetPage(multi), multi, page -> buffer(page).putInt(offsetByte(multi), offset));
  }

  /** MultiXactIdToOffsetEntry. */
  private static int offsetByte(Xid multi) {
    return Integer.remainderUnsigned(multi.value(), OFFSETS_PER_PAGE) * Integer.BYTES;
  }

  private static ByteBuffer buffer(Slru.Page page) {
    return ByteBuffer.wrap(page.bytes()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** MultiXactIdToOffsetPage. */
  private static int offsetPage(Xid multi) {
    return Integer.divideUnsigned(multi.value(), OFFSETS_PER_PAGE);
  }

  /** MXOffsetToMemberPage. */
  private static int memberPage(int offset) {
    return Integer.divideUnsigned(offset, MEMBERS_PER_PAGE);
  }

  /** MXOffsetToFlagsOffset. */
  private static int group(int offset) {
    return Integer.remainderUnsigned(offset, MEMBERS_PER_PAGE) / MEMBERS_PER_GROUP * GROUP_BYTES;
  }

  private static int flagsByte(int offset) {
    return group(offset) + Integer.remainderUnsigned(offset, MEMBERS_PER_GROUP);
  }

  /** MXOffsetToMemberOffset. */
  private static int xidByte(int offset) {
    return group(offset)
        + MEMBERS_PER_GROUP
        + Integer.remainderUnsigned(offset, MEMBERS_PER_GROUP) * Integer.BYTES;
  }

  /** The transactions of a set, ended ones too (GetMultiXactIdMembers). */
  public List<Member> members(Xid multi) {
    int from = offset(multi);
    int to = offset(after(multi));
    List<Member> found = new ArrayList<>();
    for (int place = from; place != to; place++) {
      int at = place;
      Member member =
          members.read(
              memberPage(at),
              multi,
              page ->
                  new Member(
                      new Xid(buffer(page).getInt(xidByte(at))),
                      LockMode.ofStatus(buffer(page).get(flagsByte(at)))));
      if (member.xid.isValid()) {
        found.add(member);
      }
    }
    return found;
  }

  private int offset(Xid multi) {
    return offsets.read(offsetPage(multi), multi, page -> buffer(page).getInt(offsetByte(multi)));
  }

  /** Those that still run. */
  public List<Member> running(Xid multi) {
    return members(multi).stream().filter(member -> procArray.isInProgress(member.xid)).toList();
  }

  /** Replays a record (multixact_redo). */
  public void redo(MultiXactBody body) {
    switch (body) {
      case MultiXactBody.ZeroOffsetPage(int page) -> offsets.zeroPage(page);
      case MultiXactBody.ZeroMemberPage(int page) -> members.zeroPage(page);
      case MultiXactBody.CreateId(Xid multi, int from, List<MultiXactBody.Member> of) -> {
        record(multi, from, of);
        advance(after(multi).value(), from + of.size());
        of.forEach(member -> procArray.seen(member.xid()));
      }
      // sets are never truncated here, so that more is kept than required
      case MultiXactBody.Truncate _ -> {}
    }
  }

  /** Writes and syncs every dirty page (CheckPointMultiXact). */
  public void checkPoint() {
    // a set whose record precedes the checkpoint is in the pages once its maker is done
    next();
    offsets.flush();
    members.flush();
  }
}
