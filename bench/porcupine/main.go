// Checks history files with Porcupine and prints, for each, one JSON line: the verdict, the CPU
// time of the check alone (median of the repetitions), and the peak memory of the process.
// The models are those of bisim: register-like keys with get, put, append, cas and delete.
// Values are interned to integers unless something is appended, so that Porcupine's states
// compare and copy as cheaply as they can.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"syscall"
	"time"

	"github.com/anishathalye/porcupine"
)

type line struct {
	Process json.RawMessage `json:"process"`
	Op      string          `json:"op"`
	Key     json.RawMessage `json:"key"`
	Value   json.RawMessage `json:"value"`
	Result  json.RawMessage `json:"result"`
	Invoke  int64           `json:"invoke"`
	Return  *int64          `json:"return"`
	Status  string          `json:"status"`
}

const (
	get = iota
	put
	cas
	appendTo
)

// An operation on integers: values are ids.
type intInput struct {
	op       uint8
	key      int
	from, to int
}

type intOutput struct {
	unknown bool
	ok      bool
	value   int
}

type textInput struct {
	op       uint8
	key      int
	from, to string
}

type textOutput struct {
	unknown bool
	ok      bool
	value   string
}

const missing = "\x00"

func intModel(initial int) porcupine.Model {
	return porcupine.Model{
		Partition: func(h []porcupine.Operation) [][]porcupine.Operation {
			return byKey(h, func(o porcupine.Operation) int { return o.Input.(intInput).key })
		},
		Init: func() interface{} { return initial },
		Step: func(state, input, output interface{}) (bool, interface{}) {
			st, in, out := state.(int), input.(intInput), output.(intOutput)
			switch in.op {
			case get:
				return out.unknown || out.value == st, state
			case put:
				return true, in.to
			}
			if in.from == st {
				return out.unknown || out.ok, in.to
			}
			return out.unknown || !out.ok, state
		},
	}
}

func textModel(initial string) porcupine.Model {
	return porcupine.Model{
		Partition: func(h []porcupine.Operation) [][]porcupine.Operation {
			return byKey(h, func(o porcupine.Operation) int { return o.Input.(textInput).key })
		},
		Init: func() interface{} { return initial },
		Step: func(state, input, output interface{}) (bool, interface{}) {
			st, in, out := state.(string), input.(textInput), output.(textOutput)
			switch in.op {
			case get:
				return out.unknown || out.value == st, state
			case put:
				return true, in.to
			case appendTo:
				if st == missing {
					return true, in.to
				}
				return true, st + in.to
			}
			if in.from == st {
				return out.unknown || out.ok, in.to
			}
			return out.unknown || !out.ok, state
		},
	}
}

func byKey(h []porcupine.Operation, key func(porcupine.Operation) int) [][]porcupine.Operation {
	parts := map[int][]porcupine.Operation{}
	for _, o := range h {
		k := key(o)
		parts[k] = append(parts[k], o)
	}
	keys := make([]int, 0, len(parts))
	for k := range parts {
		keys = append(keys, k)
	}
	sort.Ints(keys)
	out := make([][]porcupine.Operation, 0, len(keys))
	for _, k := range keys {
		out = append(out, parts[k])
	}
	return out
}

type table map[string]int

func (t table) id(raw json.RawMessage) int {
	text := string(raw)
	if text == "null" || text == "" {
		return 0
	}
	if id, ok := t[text]; ok {
		return id
	}
	t[text] = len(t) + 1
	return t[text]
}

func text(raw json.RawMessage) string {
	if len(raw) == 0 || string(raw) == "null" {
		return missing
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

func read(path string) []line {
	file, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	scanner.Buffer(make([]byte, 1<<20), 1<<28)
	var lines []line
	for scanner.Scan() {
		var l line
		if err := json.Unmarshal(scanner.Bytes(), &l); err != nil {
			panic(err)
		}
		lines = append(lines, l)
	}
	return lines
}

func history(lines []line, initial string) (porcupine.Model, []porcupine.Operation) {
	ids, keys, clients := table{}, table{}, table{}
	texts := false
	for _, l := range lines {
		texts = texts || l.Op == "append"
	}
	var ops []porcupine.Operation
	for _, l := range lines {
		unknown := l.Status == "info"
		if l.Status == "fail" || (l.Op == "get" && unknown) {
			continue
		}
		end := int64(math.MaxInt64)
		if l.Return != nil {
			end = *l.Return
		}
		o := porcupine.Operation{ClientId: clients.id(l.Process), Call: l.Invoke, Return: end}
		var code uint8
		from, to := json.RawMessage(nil), l.Value
		switch l.Op {
		case "put":
			code = put
		case "append":
			code = appendTo
		case "delete":
			code, to = put, nil
		case "cas":
			code = cas
			var pair [2]json.RawMessage
			if json.Unmarshal(l.Value, &pair) != nil {
				panic("cas without a pair")
			}
			from, to = pair[0], pair[1]
		}
		ok := string(l.Result) == "true"
		if texts {
			o.Input = textInput{code, keys.id(l.Key), text(from), text(to)}
			o.Output = textOutput{unknown, ok, text(l.Result)}
		} else {
			o.Input = intInput{code, keys.id(l.Key), ids.id(from), ids.id(to)}
			o.Output = intOutput{unknown, ok, ids.id(l.Result)}
		}
		ops = append(ops, o)
	}
	if texts {
		return textModel(text(json.RawMessage(initial))), ops
	}
	return intModel(ids.id(json.RawMessage(initial))), ops
}

func usage() (cpu float64, peakMb float64) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	spent := time.Duration(u.Utime.Nano() + u.Stime.Nano())
	return spent.Seconds() * 1000, float64(u.Maxrss) / 1024
}

// The peak is of one file, not of those before it; where there is no /proc it is of all so far.
func forgetPeak() {
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

// CPU time: the machine may be busy with other things.
func since(begin float64) float64 {
	now, _ := usage()
	return now - begin
}

func main() {
	timeout := flag.Duration("timeout", 10*time.Second, "of one check")
	budget := flag.Duration("budget", 300*time.Millisecond, "of repetitions of one file")
	initial := flag.String("init", "null", "first value of every key, as JSON")
	flag.Parse()
	for _, path := range flag.Args() {
		debug.FreeOSMemory()
		forgetPeak()
		model, ops := history(read(path), *initial)
		var costs []float64
		var verdict porcupine.CheckResult
		begin, _ := usage()
		most := float64(budget.Milliseconds())
		for len(costs) < 3 || (since(begin) < most && len(costs) < 50) {
			runtime.GC()
			before, _ := usage()
			verdict = porcupine.CheckOperationsTimeout(model, ops, *timeout)
			after, _ := usage()
			costs = append(costs, after-before)
			if since(begin) > 4*most {
				break
			}
		}
		sort.Float64s(costs)
		name := map[porcupine.CheckResult]string{
			porcupine.Ok: "ok", porcupine.Illegal: "violation", porcupine.Unknown: "unknown",
		}[verdict]
		_, peak := usage()
		out, _ := json.Marshal(map[string]interface{}{
			"file": path, "verdict": name, "cpuMs": costs[len(costs)/2], "reps": len(costs),
			"peakMb": peak, "operations": len(ops),
		})
		fmt.Println(string(out))
	}
}
