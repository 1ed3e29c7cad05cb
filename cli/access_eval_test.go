package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// evalText runs access eval over a text.
func evalText(t testing.TB, in io.Reader) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := evalLines(context.Background(), in, &out, evaluation{})
	return out.String(), err
}

const askLine = `{"id":%d,"principal":"arn:aws:iam::111111111111:user/ann","action":"s3:GetObject","resource":"arn:aws:s3:::shop/%d",` +
	`"policies":{"identity":[{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::shop/%d"}]}]}}` + "\n"

// However the lines come, they are answered in their order, each once.
func TestEvalKeepsTheOrderOfLines(t *testing.T) {
	const n = 10_000
	var in strings.Builder
	random := rand.New(rand.NewSource(1))
	for i := range n {
		switch {
		case i%1000 == 7:
			in.WriteString(`{"id":` + fmt.Sprint(i) + ",\n") // broken, but its id can be read
		case i%5 == 0:
			fmt.Fprintf(&in, askLine, i, i, i)
		default:
			fmt.Fprintf(&in, askLine, i, i, random.Intn(i+1))
		}
		if i%100 == 3 {
			in.WriteString(" \r\n\n")
		}
	}
	text := strings.TrimSuffix(in.String(), "\n") // the last line needs no newline
	whole, err := evalText(t, strings.NewReader(text))
	var e exit
	if !errors.As(err, &e) || e.code != exitCouldNot {
		t.Errorf("lines with errors end with %v, want exit code 1", err)
	}
	lines := strings.Split(strings.TrimSuffix(whole, "\n"), "\n")
	if len(lines) != n {
		t.Fatalf("%d answers to %d lines", len(lines), n)
	}
	for i, line := range lines {
		var a struct {
			ID       int
			Decision string
			Error    string
		}
		if err := json.Unmarshal([]byte(line), &a); err != nil || a.ID != i {
			t.Fatalf("answer %d is %s (%v)", i, line, err)
		}
		switch {
		case i%1000 == 7:
			if a.Error == "" {
				t.Fatalf("line %d is broken and the answer is %s", i, line)
			}
		case i%5 == 0 && a.Decision != "allow":
			t.Fatalf("line %d allows its own resource and the answer is %s", i, line)
		}
	}
	for name, r := range map[string]io.Reader{
		"half reads":      iotest.HalfReader(strings.NewReader(text)),
		"the end at once": iotest.DataErrReader(strings.NewReader(text)),
		"CRLF":            strings.NewReader(strings.ReplaceAll(text, "\n", "\r\n")),
		"BOM":             strings.NewReader("\xef\xbb\xbf" + text),
	} {
		if got, _ := evalText(t, r); got != whole {
			t.Errorf("%s: the answers differ", name)
		}
	}
}

// A line is answered before the next one comes, so that eval can be talked to.
func TestEvalAnswersASlowStreamLineByLine(t *testing.T) {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- evalLines(context.Background(), inR, outW, evaluation{}) }()
	answer := make([]byte, 4096)
	for i := range 3 {
		fmt.Fprintf(inW, askLine, i, i, i)
		n, err := outR.Read(answer)
		if err != nil || !bytes.HasPrefix(answer[:n], fmt.Appendf(nil, `{"id":%d,"decision":"allow"`, i)) {
			t.Fatalf("%s (%v)", answer[:n], err)
		}
	}
	inW.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestEvalEndsWhenItIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	in, _ := io.Pipe() // nobody writes
	done := make(chan error, 1)
	go func() { done <- evalLines(ctx, in, io.Discard, evaluation{}) }()
	cancel()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("it ends with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it does not end")
	}
}

// A line that is too long is an error of that line only.
func TestEvalRefusesALineThatIsTooLong(t *testing.T) {
	long := `{"id":1,"action":"` + strings.Repeat("x", maxLine) + `"}`
	ok := fmt.Sprintf(askLine, 2, 2, 2)
	want := `{"id":null,"error":"the line is longer than 16 MiB; `
	for name, text := range map[string]string{"first": long + "\n" + ok, "last": ok + long} {
		got, _ := evalText(t, iotest.HalfReader(strings.NewReader(text)))
		if strings.Count(got, "\n") != 2 || !strings.Contains(got, want) || !strings.Contains(got, `{"id":2,"decision":"allow"`) {
			t.Errorf("%s: %.300s", name, got)
		}
	}
}

// What is wrong is quoted only as far as it helps.
func TestEvalQuotesLittleOfWhatIsLong(t *testing.T) {
	got, _ := evalText(t, strings.NewReader(`{"id":1,"principal":{"type":"anonymous"},"action":"s3:GetObject","resource":"`+strings.Repeat("é:", 1<<20)+`"}`))
	if len(got) > 2000 || !strings.HasPrefix(got, `{"id":1,"error":"the resource \"é:é:`) || !strings.Contains(got, " … ") || !strings.Contains(got, "for an action that has none") {
		t.Errorf("%d bytes: %.300s", len(got), got)
	}
}

func TestEvalSaysWhenItCannotReadOrWrite(t *testing.T) {
	_, err := evalText(t, io.MultiReader(strings.NewReader(fmt.Sprintf(askLine, 1, 1, 1)), iotest.ErrReader(errors.New("disk on fire"))))
	if err == nil || !strings.Contains(err.Error(), "disk on fire") {
		t.Errorf("the error is %v", err)
	}
	r, w := io.Pipe()
	r.Close()
	err = evalLines(context.Background(), strings.NewReader(strings.Repeat(fmt.Sprintf(askLine, 1, 1, 1), 5000)), w, evaluation{})
	if err == nil || !strings.Contains(err.Error(), "the result cannot be written") {
		t.Errorf("the error is %v", err)
	}
}

// Any line gets exactly one answer, which is JSON and a decision or an error.
func FuzzEvalLine(f *testing.F) {
	f.Add(fmt.Appendf(nil, askLine, 1, 1, 1))
	f.Add([]byte(`{"id":{"a":[1]},"principal":{"type":"service","name":"x"},"action":"kms:Decrypt","resource":"*","policies":{"scps":[[],[{}]],"grants":[{"grantee":"x","operations":["Decrypt"],"equals":{"a":"b"}}]}}`))
	f.Add([]byte(`{"id":"\ud800","id":1}`))
	f.Add([]byte("{\"id\":\"\xff\"}\n\n\r\n[]\n"))
	f.Add([]byte(`{"principal":{"type":"federated","name":"h"},"action":"sts:AssumeRoleWithWebIdentity","resource":"arn:aws:iam::111111111111:role/r","context":{"h:sub":["a",true,1e9],"x":null},"policies":{"resource":["{\"Statement\":[]}",1]}}`))
	f.Add([]byte(`{"id":1} {"id":2}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		blank := func(line []byte) bool { return len(bytes.Trim(line, " \t\r\n")) == 0 }
		want := 0
		for line := range bytes.Lines(bytes.TrimPrefix(in, []byte("\xef\xbb\xbf"))) {
			if !blank(line) {
				want++
			}
		}
		for _, explain := range []bool{false, true} {
			var out bytes.Buffer
			_ = evalLines(context.Background(), bytes.NewReader(in), &out, evaluation{explain: explain})
			got := 0
			for line := range bytes.Lines(out.Bytes()) {
				got++
				var a struct {
					ID       *json.RawMessage `json:"id"`
					Decision string           `json:"decision"`
					Error    string           `json:"error"`
					Missing  *string          `json:"missing"`
					Because  []struct {
						Policy string `json:"policy"`
						Effect string `json:"effect"`
					} `json:"because"`
				}
				if err := json.Unmarshal(line, &a); err != nil {
					t.Fatalf("%s: %v", line, err)
				}
				switch {
				case a.Error != "" && a.Decision == "":
				case a.Error == "" && (a.Decision == "allow" || a.Decision == "deny") && a.Because != nil && a.Missing != nil:
					if a.Decision == "allow" && len(a.Because) == 0 {
						t.Errorf("allowed by nothing: %s", line)
					}
				default:
					t.Errorf("neither a decision nor an error: %s", line)
				}
			}
			if got != want {
				t.Errorf("%d answers to %d lines", got, want)
			}
		}
	})
}

// BenchmarkEvalLines is the throughput of access eval, from JSON to JSON, over
// requests of ordinary size that share few policies, and over such that each
// have policies of their own.
func BenchmarkEvalLines(b *testing.B) {
	for _, policies := range []int{10, 100_000} {
		b.Run(fmt.Sprintf("policies=%d", policies), func(b *testing.B) {
			var in bytes.Buffer
			const n = 20_000
			for i := range n {
				fmt.Fprintf(&in, benchLine, i, i%1000, i%policies)
			}
			b.SetBytes(int64(in.Len()))
			for b.Loop() {
				if err := evalLines(context.Background(), bytes.NewReader(in.Bytes()), io.Discard, evaluation{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}

const benchLine = `{"id":%d,"principal":"arn:aws:sts::111111111111:assumed-role/orders/i-0abc","action":"s3:GetObject","resource":"arn:aws:s3:::shop-invoices/2026/%d.pdf","resourceAccount":"111111111111",` +
	`"context":{"aws:SourceIp":"10.0.3.7","aws:SecureTransport":"true","aws:PrincipalOrgID":"o-abcdefghij","aws:SourceVpce":"vpce-0123456789abcdef0"},` +
	`"policies":{"identity":[{"Version":"2012-10-17","Statement":[{"Sid":"List%d","Effect":"Allow","Action":["s3:ListBucket","s3:GetBucketLocation"],"Resource":"arn:aws:s3:::shop-*"},` +
	`{"Sid":"Read","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::shop-*/*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-abcdefghij"}}},` +
	`{"Sid":"Tls","Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}],` +
	`"resource":[{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::shop-invoices/*","Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}],` +
	`"scps":[[{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}]]}}` + "\n"
