package figure

import (
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"maps"
	"slices"
)

// indexed returns img with at most 256 colours, which makes a PNG file less than half as large: the most frequent colours
// stay exact, and the rare ones, shades of smoothed edges, become the nearest of those.
func indexed(img image.Image) *image.Paletted {
	bounds := img.Bounds()
	rgba := image.NewRGBA(bounds)
	draw.Draw(rgba, bounds, img, bounds.Min, draw.Src)
	counts := map[color.RGBA]int{}
	for i := 0; i < len(rgba.Pix); i += 4 {
		counts[pixel(rgba, i)]++
	}
	colours := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	kept := make(color.Palette, min(len(colours), 256))
	for i := range kept {
		kept[i] = colours[i]
	}
	nearest := make(map[color.RGBA]uint8, len(colours))
	for _, c := range colours {
		nearest[c] = uint8(kept.Index(c))
	}
	out := image.NewPaletted(bounds, kept)
	for i := range out.Pix {
		out.Pix[i] = nearest[pixel(rgba, 4*i)]
	}
	return out
}

func pixel(img *image.RGBA, i int) color.RGBA {
	return color.RGBA{img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3]}
}
