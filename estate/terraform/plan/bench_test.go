package plan_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"

	"fathom/estate/terraform/config"
	"fathom/estate/terraform/plan"
	"fathom/estate/terraform/plan/plantest"
)

// BenchmarkRead shows that the time grows with the length of the plan.
func BenchmarkRead(b *testing.B) {
	for _, n := range []int{1000, 10000, 20000, 40000, 100000} {
		b.Run(fmt.Sprintf("resources=%d", n), func(b *testing.B) {
			fsys, size := written(b, n)
			b.SetBytes(size)
			b.ReportAllocs()
			read := 0
			for b.Loop() {
				conf := plan.Read(fsys, "plan.json", func(config.Instance) { read++ })
				if len(conf.Problems) > 0 {
					b.Fatal(conf.Problems[0])
				}
			}
			b.ReportMetric(float64(read)/b.Elapsed().Seconds(), "resources/s")
		})
	}
}

// BenchmarkSniff reads the first bytes of a long plan, and of a long file that
// is something else.
func BenchmarkSniff(b *testing.B) {
	fsys, _ := written(b, 10000)
	b.ReportAllocs()
	for b.Loop() {
		plan.Sniff(fsys, "plan.json")
	}
}

func written(tb testing.TB, resources int) (fs.FS, int64) {
	tb.Helper()
	var buf bytes.Buffer
	if err := plantest.Write(&buf, resources); err != nil {
		tb.Fatal(err)
	}
	return fstest.MapFS{"plan.json": &fstest.MapFile{Data: buf.Bytes()}}, int64(buf.Len())
}
