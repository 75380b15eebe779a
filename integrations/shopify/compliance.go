package shopify

import (
	"fmt"

	"onethread/integrations/shopdata"
	"onethread/models"
)

// Shopify's privacy calls want an answer of 2xx and the work within 30 days (shopify.dev, "Privacy law
// compliance"). They are shown to staff on the channel's page, who do it; nothing is erased unasked.

func (s shop) dataRequest(c call, t models.Tree) []models.Inbound {
	return s.notice(c, t, "shop_domain", "data_request", fmt.Sprintf("Shopify asks what is kept about customer %s. Export it from the customer's page and give it to the shop's owner within 30 days.", whom(t)))
}

func (s shop) redact(c call, t models.Tree) []models.Inbound {
	return s.notice(c, t, "shop_domain", "redact", fmt.Sprintf("Shopify asks for the data of customer %s to be erased. Do it from the customer's page within 30 days.", whom(t)))
}

func (s shop) shopRedact(c call, t models.Tree) []models.Inbound {
	return s.notice(c, t, "shop_domain", "shop_redact", "Shopify asks for all data of this shop to be erased, 48 hours after the app was removed from it. Erase its customers within 30 days and remove this channel.")
}

func (s shop) uninstalled(c call, t models.Tree) []models.Inbound {
	return s.notice(c, t, "myshopify_domain", "uninstalled", "The app was removed from the shop: Shopify sends no more orders. Install it again and make its webhooks anew, or remove this channel.")
}

func whom(t models.Tree) string {
	who := t.At("customer")
	return shopdata.First(who.At("email").Line(320), who.At("phone").Line(40), id(who.At("id")), "without a name")
}

// notice shows a call to staff; mark is the key that such a body has.
func (s shop) notice(c call, t models.Tree, mark, kind, text string) []models.Inbound {
	if !t.Has(mark) || t.Has("line_items") {
		return s.unreadable(c, "The signed body is not what its topic says.")
	}
	out := s.unreadable(c, text)
	out[0].ExternalID, out[0].OccurredAt = kind+":"+out[0].ExternalID, c.at()
	return out
}
