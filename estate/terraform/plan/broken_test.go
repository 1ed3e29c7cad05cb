package plan

import (
	"bytes"
	"encoding/binary"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"fathom/estate/terraform/config"
)

// two is a plan of two buckets, between which a test can put something.
const two = `{"format_version":"1.2","resource_changes":[` +
	`{"address":"aws_s3_bucket.a","mode":"managed","change":{"actions":["create"],"after":{"bucket":"a"},"after_unknown":{}}},` + "\n" +
	`HERE` + "\n" +
	`{"address":"aws_s3_bucket.b","mode":"managed","change":{"actions":["create"],"after":{"bucket":"b"},"after_unknown":{}}}]}`

func nested(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }

// TestBroken holds every kind of bad file to: what stands before is yielded,
// the problem has a position, and a file that is cut off leaves a gap.
func TestBroken(t *testing.T) {
	change := func(after string) string {
		return strings.Replace(two, "HERE", `{"address":"aws_s3_bucket.x","mode":"managed","change":{"actions":["create"],"after":`+after+`,"after_unknown":{}}},`, 1)
	}
	tests := []struct {
		name, in string
		want     []string // addresses, then problems, then gaps
	}{
		{"cut off", two[:strings.Index(two, "HERE")], []string{"aws_s3_bucket.a", "p:2:1: the file ends in the middle of a value", "the rest of p: the file is broken there"}},
		{"empty", "", []string{"p:1:1: the file ends in the middle of a value", "the rest of p: the file is broken there"}},
		{"binary", "\x7fELF\x00\x01", []string{"p:1:1: this is not JSON: invalid character '\\x7f' at start of value", "the rest of p: the file is broken there"}},
		{"a list", "[1,2]", []string{"p:1:1: the file is a list where an object is expected"}},
		{"no plan", `{"a":1}`, []string{"p:1:1: this is neither a Terraform plan nor a state: it has no format_version"}},
		{"invalid UTF-8", change(`{"bucket":"` + "\xff" + `"}`), []string{"aws_s3_bucket.a", "p:2:97: this is not JSON: invalid UTF-8", "the rest of p: the file is broken there"}},
		{"a name twice", change(`{"bucket":"a","bucket":"b"}`), []string{"aws_s3_bucket.a", `p:2:100: the name "bucket" stands twice in one object`, "the rest of p: the file is broken there"}},
		{"after is a string", change(`"x"`), []string{"aws_s3_bucket.a", "aws_s3_bucket.b", "p:2:86: after is a string where an object is expected", "aws_s3_bucket.x: what it will be is not an object"}},
		{"a change is a number", strings.Replace(two, "HERE", "7,", 1), []string{"aws_s3_bucket.a", "aws_s3_bucket.b", "p:2:1: a resource change is a number where an object is expected"}},
		{"no address", strings.Replace(two, "HERE", `{"change":{"after":{}}},`, 1), []string{"aws_s3_bucket.a", "aws_s3_bucket.b", "p:2:1: a resource has no address"}},
		{"not an address", strings.Replace(two, "HERE", `{"address":"x","change":{"after":{}}},`, 1), []string{"aws_s3_bucket.a", "aws_s3_bucket.b", `p:2:1: "x" is not the address of a resource`}},
		{"an ephemeral resource", strings.Replace(two, "HERE", `{"address":"ephemeral.x.y","mode":"ephemeral","change":{"after":{}}},`, 1), []string{"aws_s3_bucket.a", "aws_s3_bucket.b"}},
		{"600 deep", change(nested(600)), []string{"aws_s3_bucket.a", "aws_s3_bucket.x", "aws_s3_bucket.b", "p:2:2591: this value is left out: it nests deeper than 500 levels"}},
		{"20000 deep", change(nested(20000)), []string{"aws_s3_bucket.a", "p:2:2591: this value is left out: it nests deeper than 500 levels", "p:2:50066: this is not JSON: exceeded max depth", "the rest of p: the file is broken there"}},
		{"changes are no list", `{"format_version":"1.2","resource_changes":{"a":1},"planned_values":{"root_module":{"resources":[{"address":"a.b","values":{"c":1}}]}}}`, []string{"a.b", "p:1:44: resource_changes is an object where a list is expected"}},
		{"newer plan", `{"format_version":"2.0","resource_changes":[]}`, []string{"p:1:19: format version 2.0 is newer than this reads", "p: format version 2.0 is newer than this reads"}},
		{"newer state", `{"version":5,"resources":[]}`, []string{"p:1:12: state version 5 is newer than this reads", "p: state version 5 is newer than this reads"}},
		{"old state", `{"version":3,"modules":[]}`, []string{"p:1:12: state version 3 is from before Terraform 0.12", "p: state version 3 is from before Terraform 0.12"}},
		{"more after the end", `{"format_version":"1.2"} {}`, []string{"p:1:26: something follows the end of the plan or state"}},
		{"an errored plan", `{"format_version":"1.2","errored":true,"complete":false}`, []string{"p: terraform met an error while it made this plan", "p: the plan is not complete: it was made with -target, or puts some changes off"}},
		{"no values", `{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"a.b"}]}}}`, []string{"a.b: the file has no values for it"}},
		{"all unknown", strings.Replace(two, "HERE", `{"address":"a.b","change":{"actions":["create"],"after_unknown":true}},`, 1), []string{"aws_s3_bucket.a", "aws_s3_bucket.b", "a.b: known only after apply"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := outline(fstest.MapFS{"p": &fstest.MapFile{Data: []byte(strings.Replace(tt.in, "HERE", "", 1))}}, t)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// outline reads the file p and returns the addresses, problems and gaps.
func outline(fsys fs.FS, t *testing.T) []string {
	var out []string
	conf := Read(fsys, "p", func(in config.Instance) { out = append(out, in.Addr) })
	for _, p := range conf.Problems {
		out = append(out, p.Pos.String()+": "+p.Summary)
		if p.Fix == "" {
			t.Errorf("no fix: %v", p)
		}
	}
	for _, g := range conf.Gaps {
		out = append(out, g.Addr+": "+g.Why)
	}
	return out
}

// TestEncodings reads the same plan as PowerShell and Notepad would write it.
func TestEncodings(t *testing.T) {
	plain, err := os.ReadFile("testdata/shop.plan.json")
	if err != nil {
		t.Fatal(err)
	}
	wide := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(string(plain))) {
		wide = binary.LittleEndian.AppendUint16(wide, u)
	}
	read := func(b []byte) string {
		return printed(fstest.MapFS{"p": &fstest.MapFile{Data: b}}, "p")
	}
	want := read(plain)
	if diff := cmp.Diff(want, read(wide)); diff != "" {
		t.Errorf("UTF-16:\n%s", diff)
	}
	if diff := cmp.Diff(want, read(append([]byte("\xef\xbb\xbf"), plain...))); diff != "" {
		t.Errorf("UTF-8 with a byte order mark:\n%s", diff)
	}
}

// TestUnseekable reads from a file system whose files cannot seek, as those of
// an archive cannot, and from a disk that fails.
func TestUnseekable(t *testing.T) {
	plain, err := os.ReadFile("testdata/small.plan.json")
	if err != nil {
		t.Fatal(err)
	}
	long := bytes.Replace(plain, []byte(`"planned_values"`), append(append([]byte(`"timestamp":"`), bytes.Repeat([]byte("x"), 1<<19)...), []byte(`","planned_values"`)...), 1)
	want := printed(fstest.MapFS{"p": &fstest.MapFile{Data: long}}, "p")
	if diff := cmp.Diff(want, printed(stream{long, nil}, "p")); diff != "" {
		t.Error(diff)
	}

	got := outline2(stream{long[:len(long)-20000], &fs.PathError{Op: "read", Path: "p", Err: io.ErrClosedPipe}})
	if !strings.Contains(got, "the rest of the file cannot be read: io: read/write on closed pipe") || !strings.Contains(got, "aws_iam_policy.read") {
		t.Error(got)
	}
	if got := outline2(os.DirFS("testdata")); !strings.Contains(got, "p: the file cannot be read: no such file or directory") {
		t.Error(got)
	}
}

func outline2(fsys fs.FS) string { return printed(fsys, "p") }

// stream is a file system of one file that can only be read on.
type stream struct {
	data []byte
	err  error
}

func (s stream) Open(string) (fs.File, error) {
	r := io.Reader(bytes.NewReader(s.data))
	if s.err != nil {
		r = io.MultiReader(r, failing{s.err})
	}
	return streamFile{r}, nil
}

type streamFile struct{ io.Reader }

func (streamFile) Stat() (fs.FileInfo, error) { return nil, fs.ErrInvalid }
func (streamFile) Close() error               { return nil }

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
