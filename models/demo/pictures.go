package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"onethread/models"
)

func reader(f models.FileIn) io.Reader { return bytes.NewReader(f.Body) }

// canvas is a picture under work; the sample shop draws its photos itself.
type canvas struct{ *image.RGBA }

func newCanvas(w, h int, top, bottom color.RGBA) canvas {
	c := canvas{image.NewRGBA(image.Rect(0, 0, w, h))}
	for y := range h {
		c.box(0, y, w, y+1, mix(top, bottom, y, h))
	}
	return c
}

func mix(a, b color.RGBA, i, n int) color.RGBA {
	part := func(x, y uint8) uint8 { return uint8(int(x) + (int(y)-int(x))*i/n) }
	return color.RGBA{part(a.R, b.R), part(a.G, b.G), part(a.B, b.B), 255}
}

func (c canvas) box(x0, y0, x1, y1 int, fill color.RGBA) {
	draw.Draw(c, image.Rect(x0, y0, x1, y1), image.NewUniform(fill), image.Point{}, draw.Src)
}

// disc fills an ellipse around a middle point.
func (c canvas) disc(mx, my, rx, ry int, fill color.RGBA) {
	for y := -ry; y <= ry; y++ {
		for x := -rx; x <= rx; x++ {
			if x*x*ry*ry+y*y*rx*rx <= rx*rx*ry*ry {
				c.SetRGBA(mx+x, my+y, fill)
			}
		}
	}
}

// taper fills a shape whose upper edge is w0 wide and whose lower edge w1.
func (c canvas) taper(mx, y0, y1, w0, w1 int, fill color.RGBA) {
	for y := y0; y < y1; y++ {
		half := (w0 + (w1-w0)*(y-y0)/(y1-y0)) / 2
		c.box(mx-half, y, mx+half, y+1, fill)
	}
}

var (
	wall   = color.RGBA{0xf1, 0xea, 0xdd, 255}
	floor  = color.RGBA{0xd9, 0xc4, 0xa3, 255}
	walnut = color.RGBA{0x6b, 0x46, 0x2f, 255}
	linen  = color.RGBA{0xe9, 0xd8, 0xb4, 255}
	cork   = color.RGBA{0xb5, 0x83, 0x55, 255}
	shade  = color.RGBA{0x8b, 0x74, 0x52, 255}
	ink    = color.RGBA{0x2f, 0x3a, 0x36, 255}
	glass  = color.RGBA{0xc9, 0xdc, 0xe0, 255}
	brick  = color.RGBA{0xa8, 0x4b, 0x37, 255}
)

func (c canvas) png(name string) models.FileIn {
	var b bytes.Buffer
	_ = png.Encode(&b, c) // a buffer takes everything
	return models.FileIn{Name: name, Type: "image/png", Body: b.Bytes()}
}

func (c canvas) jpeg(name string) models.FileIn {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, c, &jpeg.Options{Quality: 82})
	return models.FileIn{Name: name, Type: "image/jpeg", Body: b.Bytes()}
}

// niche is the corner Ana measured: a wall, a window, and the space for the desk.
func niche() models.FileIn {
	c := newCanvas(560, 300, wall, color.RGBA{0xe6, 0xda, 0xc6, 255})
	c.box(0, 240, 560, 300, floor)
	c.box(0, 0, 70, 240, shade)
	c.box(490, 0, 560, 240, shade)
	c.box(200, 30, 360, 140, glass)
	c.box(277, 30, 283, 140, wall)
	c.box(74, 200, 486, 203, brick)
	c.box(74, 190, 77, 213, brick)
	c.box(483, 190, 486, 213, brick)
	return c.png("niche-142cm.png")
}

// dented is a lamp whose shade took a knock.
func dented() models.FileIn {
	c := newCanvas(720, 540, wall, color.RGBA{0xe2, 0xd2, 0xba, 255})
	c.box(0, 430, 720, 540, walnut)
	c.taper(360, 290, 420, 26, 34, cork)
	c.disc(360, 424, 74, 14, cork)
	c.taper(360, 90, 292, 150, 300, linen)
	c.disc(470, 235, 34, 46, shade)
	c.disc(478, 232, 26, 38, color.RGBA{0xd8, 0xc3, 0x9b, 255})
	return c.jpeg("lamp-shade.jpg")
}

// stairs is what the sofa has to get through.
func stairs() models.FileIn {
	c := newCanvas(720, 540, wall, color.RGBA{0xdc, 0xd3, 0xc4, 255})
	for i := range 9 {
		c.box(90+i*62, 470-i*46, 720, 516-i*46, mix(floor, walnut, i, 14))
	}
	c.box(84, 60, 90, 470, ink)
	return c.jpeg("staircase.jpg")
}

// cracked is a mirror that did not survive its journey.
func cracked() models.FileIn {
	c := newCanvas(640, 480, color.RGBA{0xc9, 0xa8, 0x7c, 255}, color.RGBA{0xb0, 0x8c, 0x60, 255})
	c.disc(320, 240, 196, 196, cork)
	c.disc(320, 240, 184, 184, glass)
	for i := range 150 {
		c.box(270+i, 120+i*i/90, 273+i, 123+i*i/90, ink)
		c.box(300-i/2, 180+i, 302-i/2, 182+i, ink)
		c.box(310+i, 215-i/3, 312+i, 217-i/3, ink)
	}
	return c.jpeg("mirror-crack.jpg")
}

// pdf writes a one-page document of plain lines (ISO 32000-1): the first is its heading.
func pdf(name string, lines ...string) models.FileIn {
	var page strings.Builder
	escape := strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`)
	for i, l := range lines {
		size := 11
		if i == 0 {
			size = 20
		}
		fmt.Fprintf(&page, "BT /F1 %d Tf 64 %d Td (%s) Tj ET\n", size, 770-i*24, escape.Replace(l))
	}
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%sendstream", page.Len(), page.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, table)
	return models.FileIn{Name: name, Type: "application/pdf", Body: b.Bytes()}
}

// Letter is the head of the shop's spring letter, which customers' mails refer to as a remote
// image; the storefront serves it.
func Letter() []byte {
	c := newCanvas(840, 220, color.RGBA{0x1f, 0x5f, 0x4a, 255}, color.RGBA{0x17, 0x47, 0x38, 255})
	c.box(0, 186, 840, 220, walnut)
	c.box(150, 120, 420, 132, cork)
	c.box(166, 132, 174, 186, cork)
	c.box(396, 132, 404, 186, cork)
	c.taper(250, 62, 104, 30, 64, linen)
	c.box(247, 104, 253, 120, cork)
	c.disc(560, 176, 60, 10, linen)
	c.taper(560, 108, 176, 60, 44, linen)
	c.disc(560, 78, 14, 40, color.RGBA{0x5b, 0x8f, 0x5a, 255})
	c.disc(700, 60, 26, 26, color.RGBA{0xf0, 0xc8, 0x6a, 255})
	return c.png("").Body
}
