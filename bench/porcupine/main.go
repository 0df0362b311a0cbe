// Command porcupine runs the Porcupine checker on history files, for comparison with ours.
//
// It reads commands from standard input, one a line, and answers each with one line:
//
//	load PATH       -> "loaded N OPERATIONS", N being the number of the file from 0
//	run N TIMES     -> "VERDICT NANOS NANOS ..." one duration for each time
//
// Parsing is not in the durations: they are those of porcupine.CheckEventsTimeout alone.
package main

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

type history struct {
	model  porcupine.Model
	events []porcupine.Event
}

func main() {
	var loaded []history
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<20)
	for in.Scan() {
		words := strings.SplitN(in.Text(), " ", 2)
		switch words[0] {
		case "load":
			h, err := load(words[1])
			if err != nil {
				fmt.Printf("error %v\n", err)
				continue
			}
			loaded = append(loaded, h)
			fmt.Printf("loaded %d %d\n", len(loaded)-1, len(h.events)/2)
		case "run":
			var number, times int
			fmt.Sscanf(words[1], "%d %d", &number, &times)
			fmt.Println(run(loaded[number], times))
		default:
			fmt.Printf("error unknown command %q\n", words[0])
		}
	}
}

// limit is for one check; one that takes longer is unknown, and is not repeated.
const limit = 10 * time.Second

var verdicts = map[porcupine.CheckResult]string{
	porcupine.Ok:      "valid",
	porcupine.Illegal: "invalid",
	porcupine.Unknown: "unknown",
}

func run(h history, times int) string {
	var answer strings.Builder
	for i := 0; i < times; i++ {
		start := time.Now()
		result := porcupine.CheckEventsTimeout(h.model, h.events, limit)
		took := time.Since(start)
		if i == 0 {
			answer.WriteString(verdicts[result])
		}
		fmt.Fprintf(&answer, " %d", took.Nanoseconds())
		if result == porcupine.Unknown {
			break
		}
	}
	return answer.String()
}

func load(path string) (history, error) {
	file, err := os.Open(path)
	if err != nil {
		return history{}, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	var r recorder
	r.open = map[string]int{}
	for lines.Scan() {
		text := lines.Text()
		if m := etcdLine.FindStringSubmatch(text); m != nil {
			r.etcd(m[1], m[2], m[3], m[4])
		} else if m := kvLine.FindStringSubmatch(text); m != nil {
			r.kv(m[1], m[2], m[3], m[4], m[5])
		} else if strings.TrimSpace(text) != "" {
			return history{}, fmt.Errorf("%s: not understood: %s", path, text)
		}
	}
	for _, id := range r.open {
		r.events = append(r.events, porcupine.Event{
			Kind: porcupine.ReturnEvent, Value: r.unknown(), Id: id})
	}
	if r.isKv {
		return history{kvModel, r.events}, lines.Err()
	}
	return history{registerModel, r.events}, lines.Err()
}

var etcdLine = regexp.MustCompile(`^INFO\s+jepsen\.util\s+-\s+(\d+)\s+:(\w+)\s+:(\w+)\s+(.*)$`)
var kvLine = regexp.MustCompile(
	`^{:process (\d+), :type :(\w+), :f :(\w+), :key "([^"]*)", :value (nil|"[^"]*")}$`)

// recorder turns lines into events; an operation that never returns gets a return at the end.
type recorder struct {
	events []porcupine.Event
	open   map[string]int
	calls  int
	isKv   bool
}

func (r *recorder) invoke(process string, input interface{}) {
	r.open[process] = r.calls
	r.events = append(r.events, porcupine.Event{
		Kind: porcupine.CallEvent, Value: input, Id: r.calls})
	r.calls++
}

func (r *recorder) complete(process string, output interface{}) {
	r.events = append(r.events, porcupine.Event{
		Kind: porcupine.ReturnEvent, Value: output, Id: r.open[process]})
	delete(r.open, process)
}

func (r *recorder) unknown() interface{} {
	if r.isKv {
		return ""
	}
	return registerOutput{unknown: true}
}

func (r *recorder) etcd(process, kind, function, value string) {
	switch kind {
	case "invoke":
		call := registerInput{}
		switch function {
		case "read":
			call.function = read
		case "write":
			call.function = write
			call.a, _ = strconv.Atoi(value)
		case "cas":
			call.function = cas
			fmt.Sscanf(value, "[%d %d]", &call.a, &call.b)
		}
		r.invoke(process, call)
	case "ok":
		seen := nothing
		if function == "read" && value != "nil" {
			seen, _ = strconv.Atoi(value)
		}
		r.complete(process, registerOutput{isOk: true, value: seen})
	case "fail":
		r.complete(process, registerOutput{unknown: value == ":timed-out"})
	}
	// an info leaves the operation open to the end
}

func (r *recorder) kv(process, kind, function, key, value string) {
	r.isKv = true
	text := strings.Trim(value, `"`)
	if value == "nil" {
		text = ""
	}
	if kind == "invoke" {
		r.invoke(process, kvInput{function, key, text})
	} else {
		r.complete(process, text)
	}
}

const (
	read = iota
	write
	cas
)

const nothing = -1 << 40

type registerInput struct{ function, a, b int }

type registerOutput struct {
	isOk    bool
	value   int
	unknown bool
}

// registerModel is a register with compare-and-set, of which a failed one was seen not to match.
var registerModel = porcupine.Model{
	Init: func() interface{} { return nothing },
	Step: func(state, input, output interface{}) (bool, interface{}) {
		held := state.(int)
		in := input.(registerInput)
		out := output.(registerOutput)
		switch in.function {
		case read:
			return out.unknown || out.value == held, held
		case write:
			return true, in.a
		default:
			if in.a == held {
				return out.isOk || out.unknown, in.b
			}
			return !out.isOk || out.unknown, held
		}
	},
}

type kvInput struct{ function, key, value string }

// kvModel is a store of texts, checked key by key.
var kvModel = porcupine.Model{
	PartitionEvent: func(events []porcupine.Event) [][]porcupine.Event {
		byKey := map[string][]porcupine.Event{}
		keyOf := map[int]string{}
		for _, event := range events {
			if event.Kind == porcupine.CallEvent {
				keyOf[event.Id] = event.Value.(kvInput).key
			}
			key := keyOf[event.Id]
			byKey[key] = append(byKey[key], event)
		}
		var parts [][]porcupine.Event
		for _, part := range byKey {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() interface{} { return "" },
	Step: func(state, input, output interface{}) (bool, interface{}) {
		held := state.(string)
		in := input.(kvInput)
		switch in.function {
		case "get":
			return output.(string) == held, held
		case "put":
			return true, in.value
		default:
			return true, held + in.value
		}
	},
}
