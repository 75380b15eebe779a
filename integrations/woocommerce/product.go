package woocommerce

import (
	"fmt"

	"onethread/integrations/shopdata"
	"onethread/models"
)

// product reads one for the lines of order cards; only what is published has a page.
func (s store) product(req models.HookRequest, t models.Tree) []models.Inbound {
	pid := t.At("id").ID()
	if pid == "" || !t.Has("name") || t.Has("line_items") {
		return s.unreadable(req, "The signed body is not a product: it has no id or no name.")
	}
	p := models.Product{ChannelID: s.channel, ExternalID: pid, Title: title(t), UpdatedAt: changed(t)}
	if link := t.At("permalink").Text(); shopdata.WebURL(link) && shopdata.First(t.At("status").Text(), "publish") == "publish" {
		p.URL = link
	}
	in := s.inbound(req, "", &models.CatalogueIn{Product: p})
	in.OccurredAt = p.UpdatedAt
	in.ExternalID = fmt.Sprintf("product:%s:%s:%s", pid, shopdata.Stamp(p.UpdatedAt), shopdata.Digest(in.Payload, nil))
	return []models.Inbound{in}
}

// productGone reads product.deleted, which WooCommerce sends for an order in the trash as well, with the
// order's id: no product has that, so nothing is lost.
func (s store) productGone(req models.HookRequest, t models.Tree) []models.Inbound {
	pid := t.At("id").ID()
	if pid == "" || t.Has("name") || t.Has("line_items") {
		return s.unreadable(req, "The signed body does not tell of a deleted product.")
	}
	now := models.At(req.Now)
	in := s.inbound(req, "product:"+pid+":deleted", &models.CatalogueIn{Product: models.Product{ChannelID: s.channel, ExternalID: pid, UpdatedAt: now}, Gone: true})
	in.OccurredAt = now
	return []models.Inbound{in}
}
