package shopify

import (
	"strings"

	"onethread/integrations/shopdata"
	"onethread/models"
)

var errUnsigned = models.Errorf(models.Unsigned, "The call is not signed with this channel's secret, or it is about another shop. See the channel's page in Settings.")

// call is a delivery whose signature is good.
type call struct {
	models.HookRequest
	prefix string // "X-Shopify-", or "Shopify-" in the header set of 2026
}

func (c call) header(name string) string { return c.Once(c.prefix + name) }

// at is when the change happened that the call tells of; a retry keeps it. The clock of the call
// stands in where it is missing or from the future.
func (c call) at() models.Time {
	now := models.At(c.Now)
	if at := moment(c.header("Triggered-At")); at != 0 && at <= now {
		return at
	}
	return now
}

// Parse checks the signature over the raw body and whose shop it is, and reads the object by its
// topic. Topics that tell us nothing are acknowledged and give nothing. A signed body that makes no
// sense becomes an UnreadableIn.
func (s shop) Parse(req models.HookRequest) ([]models.Inbound, error) {
	c := call{req, "X-Shopify-"}
	if len(req.Header.Values("Shopify-Hmac-Sha256")) > 0 {
		c.prefix = "Shopify-"
	}
	if !c.SignedBase64(c.prefix+"Hmac-Sha256", s.secrets...) || s.domain == "" || !strings.EqualFold(c.header("Shop-Domain"), s.domain) {
		return nil, errUnsigned
	}
	topic := strings.ToLower(c.header("Topic"))
	read := topics[topic]
	if topic == "" {
		return s.unreadable(c, "The signed call has no topic."), nil
	}
	if read == nil {
		return nil, nil
	}
	body, err := models.ReadTree(req.Body)
	if err != nil {
		return s.unreadable(c, "The signed body of "+topic+" is not a JSON object."), nil
	}
	return read(s, c, body), nil
}

// topics are those that tell us something. Acknowledged without effect are, among others:
// orders/edited, whose body is the edit alone and which orders/updated follows; fulfillments/*,
// which lack the order's clock and whose tracking comes in orders/updated; customers/delete, which
// does not ask for erasure; and the events of 2026 ("Order", "Product"), which carry no object.
// Headers are not signed, so every reader checks that the body is what the topic says.
var topics = map[string]func(shop, call, models.Tree) []models.Inbound{
	"orders/create": shop.order, "orders/updated": shop.order, "orders/paid": shop.order, "orders/cancelled": shop.order,
	"orders/fulfilled": shop.order, "orders/partially_fulfilled": shop.order, "orders/delete": shop.orderGone,
	"refunds/create":   shop.lateRefund,
	"customers/create": shop.person, "customers/update": shop.person, "customers/enable": shop.person, "customers/disable": shop.person,
	"products/create": shop.product, "products/update": shop.product, "products/delete": shop.productGone,
	"customers/data_request": shop.dataRequest, "customers/redact": shop.redact, "shop/redact": shop.shopRedact, "app/uninstalled": shop.uninstalled,
}

// inbound begins an event; its body is kept as it came.
func (s shop) inbound(c call, id string, p models.Payload) models.Inbound {
	return models.Inbound{ChannelID: s.channel, ExternalID: id, Signed: true, Payload: p, Raw: c.Body, RawType: "application/json"}
}

func (s shop) unreadable(c call, reason string) []models.Inbound {
	return []models.Inbound{s.inbound(c, shopdata.UnreadableID(c.Body), &models.UnreadableIn{Reason: reason})}
}
