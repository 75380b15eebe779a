// Package integrations is the list of everything Onethread can connect to. A new provider is a
// folder beside this file and a line in All; docs/add-a-provider.md tells how to write one.
package integrations

import (
	"onethread/integrations/email"
	"onethread/integrations/generic"
	"onethread/integrations/shopify"
	"onethread/integrations/twilio"
	"onethread/integrations/webchat"
	"onethread/integrations/woocommerce"
	"onethread/models"
)

// All lists the providers in the order the settings screen offers them.
var All = []models.Provider{email.Provider, twilio.Provider, webchat.Provider, shopify.Provider, woocommerce.Provider, generic.Provider}
