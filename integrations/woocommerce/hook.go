package woocommerce

import (
	"regexp"
	"strings"

	"onethread/integrations/shopdata"
	"onethread/models"
)

const signature = "X-WC-Webhook-Signature"

var errUnsigned = models.Errorf(models.Unsigned, "The call is not signed with this channel's secret. See the channel's page in Settings.")

// ping is the body of the unsigned call that WooCommerce makes when a webhook is saved; unless it is
// answered with 2xx, the webhook is not switched on.
var ping = regexp.MustCompile(`^webhook_id=[0-9]{1,20}$`)

// Parse checks the signature over the raw body and reads the object by its topic. Topics that tell us
// nothing are acknowledged and give nothing. A signed body that makes no sense becomes an UnreadableIn.
func (s store) Parse(req models.HookRequest) ([]models.Inbound, error) {
	if len(req.Header.Values(signature)) == 0 && ping.Match(req.Body) {
		return nil, nil
	}
	if !req.SignedBase64(signature, s.secrets...) {
		return nil, errUnsigned
	}
	topic := strings.ToLower(req.Once("X-WC-Webhook-Topic"))
	if topic == "" {
		return s.unreadable(req, "The signed call has no topic."), nil
	}
	read := topics[topic]
	if read == nil {
		return nil, nil
	}
	body, err := models.ReadTree(req.Body)
	if err != nil {
		return s.unreadable(req, "The signed body of "+topic+" is not a JSON object."), nil
	}
	return read(s, req, body), nil
}

// topics are those that tell us something. customer.deleted does not ask for erasure (WooCommerce has
// its own tool for that), coupons and hooks ("action.…") concern no thread. Headers are not signed, so
// every reader checks that the body is what the topic says.
var topics = map[string]func(store, models.HookRequest, models.Tree) []models.Inbound{
	"order.created": store.order, "order.updated": store.order, "order.restored": store.order, "order.deleted": store.orderGone,
	"customer.created": store.person, "customer.updated": store.person,
	"product.created": store.product, "product.updated": store.product, "product.restored": store.product, "product.deleted": store.productGone,
}

// inbound begins an event; its body is kept as it came.
func (s store) inbound(req models.HookRequest, id string, p models.Payload) models.Inbound {
	return models.Inbound{ChannelID: s.channel, ExternalID: id, Signed: true, Payload: p, Raw: req.Body, RawType: "application/json"}
}

func (s store) unreadable(req models.HookRequest, reason string) []models.Inbound {
	return []models.Inbound{s.inbound(req, shopdata.UnreadableID(req.Body), &models.UnreadableIn{Reason: reason})}
}
