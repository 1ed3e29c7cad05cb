package agreetest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"fathom/engine/webacl"
	"fathom/engine/webacl/traffic"
	"fathom/engine/webacl/waflog"
)

// requests is how many are sent in all; they go round by round, so that records
// of one round at a time are in memory.
const (
	requests = 100_000
	rounds   = 10
)

// One request, one verdict, wherever it is asked: the gateway's record of each
// request is what fathom waf eval makes of the line that describes the request.
func TestEvalAndGatewayAgree(t *testing.T) {
	n := requests
	if raced {
		n = requests / 50
	}
	g := start(t)
	eval := newEval(t, g.list)
	m := maker{rand.New(rand.NewPCG(1, 2))}
	actions := map[string]int{}
	for round := range rounds {
		var all []*sent
		for i := range n / rounds {
			h2 := i%10 == 0
			all = append(all, m.make(i, h2 || i%10 == 1, h2))
		}
		records := g.ask(t, all)
		if wrong := compare(t, eval, all, records, actions); wrong > 0 {
			t.Fatalf("round %d: %d of %d verdicts differ", round, wrong, len(all))
		}
	}
	t.Logf("%d requests: %v", n, actions)
	for _, action := range []string{"ALLOW", "BLOCK", "CAPTCHA", "CHALLENGE"} {
		if actions[action] < n/1000 {
			t.Errorf("only %d of %d requests have the action %s: the comparison shows too little", actions[action], n, action)
		}
	}
}

// compare says how many verdicts differ, and shows some.
func compare(t *testing.T, e *eval, all []*sent, records []logged, actions map[string]int) (wrong int) {
	t.Helper()
	lines := make([]byte, 0, 64<<20/rounds)
	for i, s := range all {
		q := s.request()
		q.ID = records[i].HTTPRequest.RequestID
		q.Time = records[i].Timestamp * int64(time.Millisecond)
		q.JA3, q.JA4 = records[i].JA3Fingerprint, records[i].JA4Fingerprint
		lines = append(traffic.AppendLine(lines, q), '\n')
	}
	i := 0
	for item := range traffic.Read(bytes.NewReader(lines), traffic.Options{Name: "sent.jsonl", Format: traffic.Lines}) {
		if item.Problem != nil {
			t.Fatal(item.Problem)
		}
		want, got := e.record(item, records[i]), plain(records[i].line)
		actions[records[i].Action]++
		if want != got {
			if wrong++; wrong <= 5 {
				t.Errorf("%s\n%s", clip(traffic.AppendLine(nil, all[i].request())), difference(want, got))
			}
		}
		i++
	}
	if i != len(all) {
		t.Fatalf("eval gave %d verdicts of %d", i, len(all))
	}
	return wrong
}

// plain is a record without the size of the body, which is about its reading and
// not the verdict: the gateway reads no more of it than rules ask for.
func plain(line string) string { return bodySize.ReplaceAllString(line, "") }

var (
	bodySize  = regexp.MustCompile(`,"requestBodySize":\d+`)
	inspected = regexp.MustCompile(`,"requestBodySizeInspectedByWAF":\d+`)
)

// difference shows two records around the place where they part.
func difference(want, got string) string {
	i := 0
	for i < min(len(want), len(got)) && want[i] == got[i] {
		i++
	}
	at := max(0, i-200)
	return "eval: …" + string(clip([]byte(want[at:]))) + "\ngateway: …" + string(clip([]byte(got[at:])))
}

func clip(b []byte) []byte {
	if len(b) > 900 {
		return append(bytes.Clone(b[:900]), "…"...)
	}
	return b
}

// ask sends the requests over some connections, and gives their records.
func (g *gate) ask(t *testing.T, all []*sent) []logged {
	t.Helper()
	config := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}}
	config2 := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}
	kinds := []struct {
		connections int
		takes       func(*sent) bool
		make        func() sender
	}{
		{4, func(s *sent) bool { return !s.tls }, func() sender { return &h1{address: g.address(0)} }},
		{2, func(s *sent) bool { return s.tls && !s.h2 }, func() sender { return &h1{address: g.address(1), tls: config} }},
		{2, func(s *sent) bool { return s.h2 }, func() sender { return &h2{address: g.address(1), tls: config2} }},
	}
	var wg sync.WaitGroup
	errs := make(chan error, len(all))
	for _, k := range kinds {
		work := make(chan *sent, len(all))
		for _, s := range all {
			if k.takes(s) {
				work <- s
			}
		}
		close(work)
		for range k.connections {
			wg.Go(func() {
				c := k.make()
				defer c.close()
				for s := range work {
					if err := judged(c.send(s)); err != nil {
						errs <- fmt.Errorf("%s: %w", clip(traffic.AppendLine(nil, s.request())), err)
					}
				}
			})
		}
	}
	wg.Wait()
	close(errs)
	shown := 0
	for err := range errs {
		if shown++; shown <= 5 {
			t.Error(err)
		}
	}
	if shown > 0 {
		t.Fatalf("%d requests were not answered by the web ACL or the origin", shown)
	}
	return g.records(t, len(all))
}

// judged is an error where the gateway refused the request before it asked the
// web ACL: then the request was not meant to be sent.
func judged(status int, err error) error {
	switch {
	case err != nil:
		return err
	case status == 0 || status == 400 || status > 405:
		return errors.New("status " + strconv.Itoa(status))
	}
	return nil
}

// eval is what fathom waf eval does.
type eval struct {
	program *webacl.Program
	verdict webacl.Verdict
}

// record is the record of a verdict as the gateway would write it.
func (e *eval) record(item *traffic.Item, beside logged) string {
	e.program.Evaluate(&item.Request, &e.verdict)
	r := waflog.From(&e.verdict, &item.Request, waflog.Meta{WebACLID: arn + "webacl/agree/1", SourceName: "ALB", SourceID: "fathom-gateway"})
	line := plain(string(r.Append(nil)))
	if !beside.RequestBodySizeInspectedByWAF.Known { // no rule asked for the body
		line = inspected.ReplaceAllString(line, "")
	}
	return line
}
