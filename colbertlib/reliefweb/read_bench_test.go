package reliefweb

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkReadJobs reads pages of a thousand jobs, each of which has a body of 5,000 characters.
func BenchmarkReadJobs(b *testing.B) {
	for _, size := range []struct {
		name  string
		pages int
	}{{"small", 1}, {"medium", 10}} {
		b.Run(size.name, func(b *testing.B) {
			dir := b.TempDir()
			s := must(openStore(dir))
			s.manifest.Updates = []UpdateInfo{{}}
			for page := range size.pages {
				var items []string
				for i := range 1000 {
					items = append(items, fmt.Sprintf(`{"id":"%[1]d","fields":{"id":%[1]d,"title":"Job","body":%[2]q}}`, 1+page*1000+i, strings.Repeat("Digs and drills wells in 12 places.\n", 140)))
				}
				if err := s.add(StoredPage{Kind: Jobs}, []byte(answer(items...))); err != nil {
					b.Fatal(err)
				}
			}
			if err := s.close(); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				for _, err := range ReadJobs(dir) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "jobs/s")
		})
	}
}
