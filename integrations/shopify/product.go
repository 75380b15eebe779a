package shopify

import (
	"fmt"
	"net/url"

	"onethread/integrations/shopdata"
	"onethread/models"
)

// product reads one for the lines of order cards; only what is on sale online has a page.
func (s shop) product(c call, t models.Tree) []models.Inbound {
	pid := id(t.At("id"))
	if pid == "" || !t.Has("title") || t.Has("line_items") {
		return s.unreadable(c, "The signed body is not a product: it has no id or no title.")
	}
	p := models.Product{ChannelID: s.channel, ExternalID: pid, Title: t.At("title").Line(300), UpdatedAt: moment(t.At("updated_at").Text())}
	if handle := t.At("handle").Line(300); handle != "" && t.At("published_at").Text() != "" && shopdata.First(t.At("status").Text(), "active") == "active" {
		p.URL = s.base + "/products/" + url.PathEscape(handle)
	}
	in := s.inbound(c, "", &models.CatalogueIn{Product: p})
	in.OccurredAt = p.UpdatedAt
	in.ExternalID = fmt.Sprintf("product:%s:%s:%s", pid, shopdata.Stamp(p.UpdatedAt), shopdata.Digest(in.Payload, nil))
	return []models.Inbound{in}
}

func (s shop) productGone(c call, t models.Tree) []models.Inbound {
	pid := id(t.At("id"))
	if pid == "" || t.Has("title") || t.Has("line_items") {
		return s.unreadable(c, "The signed body does not tell of a deleted product.")
	}
	in := s.inbound(c, "product:"+pid+":deleted", &models.CatalogueIn{Product: models.Product{ChannelID: s.channel, ExternalID: pid, UpdatedAt: c.at()}, Gone: true})
	in.OccurredAt = c.at()
	return []models.Inbound{in}
}
