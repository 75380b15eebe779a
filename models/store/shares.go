package store

import "onethread/models"

// Share lets a browser's chat show a message that is not its own, and those that answer it. Not shown
// itself is what only carries words that the browser has already.
func Share(tx *Tx, browser, event models.ID, shown bool) error {
	return exec(tx.g, "INSERT INTO chat_shares(identity_id, event_id, shown) VALUES (?,?,?) ON CONFLICT DO NOTHING", browser, event, shown).Error
}

// ShareAlike shows a message to the browsers that were shown another one.
func ShareAlike(tx *Tx, event, like models.ID) error {
	return exec(tx.g, "INSERT INTO chat_shares(identity_id, event_id, shown) SELECT identity_id, ?, 1 FROM chat_shares WHERE event_id = ? ON CONFLICT DO NOTHING", event, like).Error
}

// SharedWith lists which browsers were given which of the events, whether or not they may still see it.
func SharedWith(q Q, events []models.ID) ([]models.ID, error) {
	var out []models.ID
	if len(events) == 0 {
		return nil, nil
	}
	err := raw(q.db(), "SELECT DISTINCT identity_id FROM chat_shares WHERE event_id IN ?", events).Scan(&out).Error
	return out, err
}

// LastAt is the newest message of a conversation that came from or went to an address, before the given
// event; zero when there is none.
func LastAt(q Q, conversation, identity, before models.ID) (models.ID, error) {
	return firstID(q, `SELECT id FROM events WHERE conversation_id = ? AND anchor_identity_id = ? AND kind = 'message' AND id < ? ORDER BY id DESC LIMIT 1`, conversation, identity, before)
}

// AddViewer lets a browser see the chat of a customer's conversations that are not closed, on its own
// channel, also what other browsers of theirs say there from now on. It returns how many messages that are.
func AddViewer(tx *Tx, browser, customer, channel models.ID) (int64, error) {
	args := map[string]any{"browser": browser, "customer": customer, "channel": channel}
	err := exec(tx.g, `INSERT INTO chat_viewers(conversation_id, identity_id) SELECT id, @browser FROM conversations WHERE customer_id = @customer AND status <> 'closed'
		ON CONFLICT DO NOTHING`, args).Error
	if err != nil {
		return 0, err
	}
	return showConversations(tx, "v.customer_id = @customer AND v.status <> 'closed'", args)
}

// AddViewerOf is AddViewer for one conversation, a closed one too.
func AddViewerOf(tx *Tx, browser, conversation, channel models.ID) (int64, error) {
	args := map[string]any{"browser": browser, "conversation": conversation, "channel": channel}
	err := exec(tx.g, "INSERT INTO chat_viewers(conversation_id, identity_id) VALUES (@conversation, @browser) ON CONFLICT DO NOTHING", args).Error
	if err != nil {
		return 0, err
	}
	return showConversations(tx, "v.id = @conversation", args)
}

// showConversations shares what the chats of conversations have shown so far: messages of browsers, and
// those that were shared with them.
func showConversations(tx *Tx, which string, args map[string]any) (int64, error) {
	res := exec(tx.g, `INSERT INTO chat_shares(identity_id, event_id, shown) SELECT @browser, e.id, 1 FROM conversations v JOIN events e ON e.conversation_id = v.id
		WHERE `+which+` AND e.kind = 'message' AND ((e.channel_id = @channel AND e.anchor_identity_id <> @browser)
		OR EXISTS (SELECT 1 FROM chat_shares s WHERE s.event_id = e.id AND s.shown = 1)) ON CONFLICT DO NOTHING`, args)
	return res.RowsAffected, res.Error
}

// ShareWithViewers shows a message of a chat to the other browsers that see its conversation.
func ShareWithViewers(tx *Tx, e models.Event) error {
	return exec(tx.g, `INSERT INTO chat_shares(identity_id, event_id, shown) SELECT identity_id, ?, 1 FROM chat_viewers WHERE conversation_id = ? AND identity_id <> ?
		ON CONFLICT DO NOTHING`, e.ID, e.ConversationID, e.AnchorID).Error
}
