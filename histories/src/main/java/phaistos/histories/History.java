package phaistos.histories;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * An immutable sequence of events in the order of their indices, which may have gaps. A client
 * process has at most one open call, and completes only its own calls. Events of the nemesis belong
 * to no operation.
 */
public final class History<C> {
  private static final int NONE = -1;

  private final List<Event<C>> events;

  /** For each event the place of its partner, or {@link #NONE}. */
  private final int[] partner;

  private History(List<Event<C>> events, int[] partner) {
    this.events = events;
    this.partner = partner;
  }

  /**
   * The history of these events. If every index is negative, each event's place becomes its index.
   *
   * @throws IllegalArgumentException if indices do not grow, or if a client process invokes while
   *     its earlier call is open, or completes a call that it did not invoke
   */
  public static <C> History<C> of(List<Event<C>> given) {
    List<Event<C>> events = withIndices(given);
    int[] partner = new int[events.size()];
    Map<Process, Integer> open = new HashMap<>();
    for (int i = 0; i < partner.length; i++) {
      partner[i] = NONE;
      Event<C> event = events.get(i);
      if (i > 0 && event.index() <= events.get(i - 1).index()) {
        throw new IllegalArgumentException(
            "indices do not grow: index="
                + event.index()
                + ", before="
                + events.get(i - 1).index());
      }
      if (!event.isClient()) {
        continue;
      }
      if (event.isInvoke()) {
        Integer earlier = open.put(event.process(), i);
        if (earlier != null) {
          throw new IllegalArgumentException(
              "a process invokes while its call is open: "
                  + event.process()
                  + ", index="
                  + event.index()
                  + ", open="
                  + events.get(earlier).index());
        }
        continue;
      }
      Integer invocation = open.remove(event.process());
      if (invocation != null) {
        partner[i] = invocation;
        partner[invocation] = i;
      } else {
        throw new IllegalArgumentException(
            "a completion without an invocation: " + event.process() + ", index=" + event.index());
      }
    }
    return new History<>(events, partner);
  }

  private static <C> List<Event<C>> withIndices(List<Event<C>> given) {
    if (given.stream().anyMatch(event -> event.index() >= 0)) {
      return List.copyOf(given);
    }
    List<Event<C>> events = new ArrayList<>(given.size());
    for (Event<C> event : given) {
      events.add(event.withIndex(events.size()));
    }
    return List.copyOf(events);
  }

  public List<Event<C>> events() {
    return events;
  }

  public int size() {
    return events.size();
  }

  public Stream<Event<C>> clientEvents() {
    return events.stream().filter(Event::isClient);
  }

  public Stream<Event<C>> nemesisEvents() {
    return events.stream().filter(event -> !event.isClient());
  }

  /** The operations of the clients, in the order of their invocations. */
  public List<Operation<C>> operations() {
    List<Operation<C>> operations = new ArrayList<>();
    for (int i = 0; i < partner.length; i++) {
      if (events.get(i).isClient() && events.get(i) instanceof Event.Invoke<C> invocation) {
        operations.add(new Operation<>(invocation, partnerOf(i)));
      }
    }
    return operations;
  }

  /** The completion of the invocation at this place of {@link #events()}. */
  public Optional<Event<C>> completionOf(int place) {
    return events.get(place).isInvoke() ? partnerOf(place) : Optional.empty();
  }

  /** The invocation of the completion at this place of {@link #events()}. */
  public Optional<Event<C>> invocationOf(int place) {
    return events.get(place).isInvoke() ? Optional.empty() : partnerOf(place);
  }

  /** The place of the other half of the event's operation; -1 if there is none. */
  public int partnerPlace(int place) {
    return partner[place];
  }

  private Optional<Event<C>> partnerOf(int place) {
    return partner[place] == NONE ? Optional.empty() : Optional.of(events.get(partner[place]));
  }

  /** The same history with every payload decoded. */
  public <D> History<D> map(Function<C, D> decode) {
    List<Event<D>> mapped = new ArrayList<>(events.size());
    for (Event<C> event : events) {
      mapped.add(event.withCall(decode.apply(event.call())));
    }
    return new History<>(List.copyOf(mapped), partner);
  }
}
