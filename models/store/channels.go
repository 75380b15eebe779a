package store

import (
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"onethread/models"
)

// channelRow is a channel as stored: its secrets sealed.
type channelRow struct {
	ID        models.ID
	Type      string
	Name      string
	Key       string
	Settings  string
	Secrets   []byte
	Paused    bool
	CreatedAt models.Time
	UpdatedAt models.Time
}

// AddChannel stores a new channel. secret tells which settings are to be encrypted.
func AddChannel(tx *Tx, c models.Channel, secret func(key string) bool) (models.ID, error) {
	now := tx.Now()
	id, err := insert(tx, "INSERT INTO channels(type, name, key, created_at, updated_at) VALUES (?,?,?,?,?) RETURNING id", c.Type, c.Name, c.Key, now, now)
	if err != nil {
		return 0, err
	}
	c.ID = id
	return id, UpdateChannel(tx, c, secret)
}

// UpdateChannel writes a channel's name, settings and pause, and tells the feed.
func UpdateChannel(tx *Tx, c models.Channel, secret func(key string) bool) error {
	if err := writeSettings(tx, c, secret); err != nil {
		return err
	}
	if err := exec(tx.g, "UPDATE channels SET name = ?, paused = ?, updated_at = ? WHERE id = ? AND removed_at IS NULL", c.Name, c.Paused, tx.Now(), c.ID).Error; err != nil {
		return err
	}
	return channelChanged(tx, c.ID)
}

// RenewSecret puts next in the place of a secret that is still was. Who holds the channel open has next
// already, so that it is not opened anew.
func RenewSecret(tx *Tx, id models.ID, key, was, next string, secret func(key string) bool) error {
	c, err := tx.store.Channel(tx, id)
	if err != nil || c.Settings[key] != was {
		return err
	}
	c.Settings[key] = next
	return writeSettings(tx, c, secret)
}

func writeSettings(tx *Tx, c models.Channel, secret func(key string) bool) error {
	open, hidden := map[string]string{}, map[string]string{}
	for k, v := range c.Settings {
		if secret(k) {
			hidden[k] = v
		} else {
			open[k] = v
		}
	}
	settings, err := json.Marshal(open)
	if err != nil {
		return err
	}
	plain, err := json.Marshal(hidden)
	if err != nil {
		return err
	}
	return exec(tx.g, "UPDATE channels SET settings = ?, secrets = ? WHERE id = ? AND removed_at IS NULL",
		string(settings), tx.Vault().Seal(plain, secretsPlace(c.ID)), c.ID).Error
}

// HiddenChannel finds a channel of our own that stands in no list; zero while there is none.
func HiddenChannel(q Q, kind string) (models.ID, error) {
	return firstID(q, "SELECT id FROM channels WHERE type = ? AND key = ?", kind, kind)
}

// AddHiddenChannel makes a channel of our own by which inbound events come, and which stands in no list.
func AddHiddenChannel(tx *Tx, kind, name string) (models.ID, error) {
	return insert(tx, "INSERT INTO channels(type, name, key, removed_at, created_at, updated_at) VALUES (?,?,?,?,?,?) RETURNING id", kind, name, kind, tx.Now(), tx.Now(), tx.Now())
}

// RemoveChannel forgets a channel's settings and secrets. Its events stay on their threads.
func RemoveChannel(tx *Tx, id models.ID) error {
	res := exec(tx.g, "UPDATE channels SET removed_at = ?, settings = '{}', secrets = NULL WHERE id = ? AND removed_at IS NULL", tx.Now(), id)
	if res.Error == nil && res.RowsAffected == 0 {
		return models.Errorf(models.NotFound, "There is no such channel.")
	}
	if res.Error != nil {
		return res.Error
	}
	return channelChanged(tx, id)
}

func channelChanged(tx *Tx, id models.ID) error {
	_, err := AppendEvent(tx, models.Event{ChannelID: id, Kind: models.KindChannel}, nil)
	return err
}

func secretsPlace(id models.ID) string { return fmt.Sprintf("channels|secrets|%d", id) }

const channelColumns = "SELECT id, type, name, key, settings, secrets, paused, created_at, updated_at FROM channels WHERE removed_at IS NULL"

// Channels lists the connected channels with their secrets opened, oldest first.
func (s *Store) Channels(q Q) ([]models.Channel, error) {
	var rows []channelRow
	if err := raw(q.db(), channelColumns+" ORDER BY id").Scan(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]models.Channel, 0, len(rows))
	for _, row := range rows {
		c, err := s.open(row)
		if err != nil {
			return nil, fmt.Errorf("channel %q: %w", row.Name, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// Channel finds a connected channel by id, secrets opened.
func (s *Store) Channel(q Q, id models.ID) (models.Channel, error) {
	return s.oneChannel(q, channelColumns+" AND id = ?", id)
}

// ChannelByKey finds a connected channel by its public key.
func (s *Store) ChannelByKey(q Q, key string) (models.Channel, error) {
	return s.oneChannel(q, channelColumns+" AND key = ?", key)
}

func (s *Store) oneChannel(q Q, sql string, arg any) (models.Channel, error) {
	var row channelRow
	if err := raw(q.db(), sql, arg).Take(&row).Error; err != nil {
		return models.Channel{}, notFound(err, "channel")
	}
	return s.open(row)
}

func (s *Store) open(row channelRow) (models.Channel, error) {
	c := models.Channel{ID: row.ID, Type: row.Type, Name: row.Name, Key: row.Key, Paused: row.Paused,
		Settings: map[string]string{}, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt}
	if err := json.Unmarshal([]byte(row.Settings), &c.Settings); err != nil {
		return c, err
	}
	if len(row.Secrets) == 0 {
		return c, nil
	}
	plain, err := s.Vault.Open(row.Secrets, secretsPlace(row.ID))
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(plain, &c.Settings)
}

// ChannelName is what a thread shows of a channel, a removed one too.
type ChannelName struct {
	ID      models.ID
	Type    string
	Name    string
	Removed bool
}

// ChannelNames lists all channels that ever were, for the marks on threads and rows.
func ChannelNames(q Q) ([]ChannelName, error) {
	var out []ChannelName
	err := raw(q.db(), "SELECT id, type, name, removed_at IS NOT NULL AS removed FROM channels ORDER BY id").Scan(&out).Error
	return out, err
}

// ChannelType tells a channel's type, a removed one's too.
func ChannelType(q Q, id models.ID) (string, error) {
	var kind []string
	err := raw(q.db(), "SELECT type FROM channels WHERE id = ?", id).Scan(&kind).Error
	if err != nil || len(kind) == 0 {
		return "", err
	}
	return kind[0], nil
}

// Health is what the settings screen shows about a channel.
type Health struct {
	ChannelID    models.ID
	State        string
	Problem      string
	SendProblem  string // why sending is refused; reading may work all the same
	ProgressDone int
	ProgressAll  int
	Rejected     int // calls without a good signature
	ChangedAt    models.Time
	LastInAt     models.Time
	CalledAt     models.Time // the last webhook with a good signature
	LastOutAt    models.Time
	Unreadable   int // events stored raw because they made no sense; counted to 100
	Waiting      int // messages that have not left yet; counted to 100
}

const healths = `SELECT c.id AS channel_id, coalesce(h.state,'') AS state, coalesce(h.problem,'') AS problem, coalesce(h.send_problem,'') AS send_problem, coalesce(h.progress_done,0) AS progress_done,
	coalesce(h.progress_all,0) AS progress_all, coalesce(h.rejected,0) AS rejected, h.changed_at, h.called_at,
	(SELECT r.received_at FROM receipts r WHERE r.channel_id = c.id ORDER BY r.id DESC LIMIT 1) AS last_in_at,
	(SELECT o.finished_at FROM outbox o WHERE o.channel_id = c.id AND o.state = 'done' ORDER BY o.id DESC LIMIT 1) AS last_out_at,
	(SELECT count(*) FROM (SELECT 1 FROM events e WHERE e.channel_id = c.id AND e.kind = 'unreadable' AND EXISTS (SELECT 1 FROM receipts r WHERE r.event_id = e.id) LIMIT 100)) AS unreadable,
	(SELECT count(*) FROM (SELECT 1 FROM outbox o INDEXED BY outbox_due WHERE o.channel_id = c.id AND o.state IN ('queued','sending') LIMIT 100)) AS waiting
	FROM channels c LEFT JOIN channel_health h ON h.channel_id = c.id WHERE c.removed_at IS NULL ORDER BY c.id`

// Healths tells how each connected channel does.
func Healths(q Q) ([]Health, error) {
	var out []Health
	err := raw(q.db(), healths).Scan(&out).Error
	return out, err
}

// SetHealth records a receiver's state and tells the feed when state or problem changed.
func SetHealth(tx *Tx, channel models.ID, st models.Status) error {
	var same int
	err := raw(tx.g, "SELECT count(*) FROM channel_health WHERE channel_id = ? AND state = ? AND problem = ? AND progress_done = ? AND progress_all = ?",
		channel, st.State, st.Problem, st.Done, st.Total).Scan(&same).Error
	if err != nil || same > 0 {
		return err
	}
	err = exec(tx.g, `INSERT INTO channel_health(channel_id, state, problem, progress_done, progress_all, changed_at) VALUES (?,?,?,?,?,?)
		ON CONFLICT(channel_id) DO UPDATE SET state = excluded.state, problem = excluded.problem, progress_done = excluded.progress_done,
		progress_all = excluded.progress_all, changed_at = excluded.changed_at`, channel, st.State, st.Problem, st.Done, st.Total, tx.Now()).Error
	if err != nil {
		return err
	}
	return channelChanged(tx, channel)
}

// SetSendProblem records why a channel's provider refuses to send for us, or with "" that it does not, and
// tells the feed when that changed.
func SetSendProblem(tx *Tx, channel models.ID, problem string) error {
	var res *gorm.DB
	if problem == "" {
		res = exec(tx.g, "UPDATE channel_health SET send_problem = '' WHERE channel_id = ? AND send_problem <> ''", channel)
	} else {
		res = exec(tx.g, `INSERT INTO channel_health(channel_id, send_problem, changed_at) VALUES (@channel,@problem,@now)
			ON CONFLICT(channel_id) DO UPDATE SET send_problem = excluded.send_problem WHERE send_problem <> excluded.send_problem`,
			map[string]any{"channel": channel, "problem": problem, "now": tx.Now()})
	}
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	return channelChanged(tx, channel)
}

// Trouble is a channel whose credentials are refused.
type Trouble struct {
	ChannelID models.ID
	Name      string
	Reading   bool // it does not receive
	Sending   bool // it does not send
}

// Troubles lists the channels whose credentials are refused, the oldest first.
func Troubles(q Q) ([]Trouble, error) {
	var out []Trouble
	err := raw(q.db(), `SELECT c.id AS channel_id, c.name, h.state = 'refused' AS reading, h.send_problem <> '' AS sending FROM channels c JOIN channel_health h ON h.channel_id = c.id
		WHERE c.removed_at IS NULL AND c.paused = 0 AND (h.state = 'refused' OR h.send_problem <> '') ORDER BY c.id LIMIT 20`).Scan(&out).Error
	return out, err
}

// CountRejected counts a call that was refused for its signature; nothing else of it is kept.
func CountRejected(tx *Tx, channel models.ID) error {
	return exec(tx.g, `INSERT INTO channel_health(channel_id, rejected, changed_at) VALUES (?,1,?)
		ON CONFLICT(channel_id) DO UPDATE SET rejected = rejected + 1`, channel, tx.Now()).Error
}

// Unreadables lists a channel's newest events that made no sense.
func Unreadables(q Q, channel models.ID, limit int) ([]models.Event, error) {
	var out []models.Event
	err := raw(q.db(), "SELECT * FROM events e WHERE channel_id = ? AND kind = 'unreadable' AND EXISTS (SELECT 1 FROM receipts r WHERE r.event_id = e.id) ORDER BY id DESC LIMIT ?", channel, limit).Scan(&out).Error
	return out, err
}

// ChannelsVersion changes whenever a channel is added, changed or removed.
func ChannelsVersion(q Q) (string, error) {
	var v string
	err := raw(q.db(), "SELECT count(*) || '/' || coalesce(max(id), 0) || '/' || coalesce(sum(updated_at), 0) FROM channels WHERE removed_at IS NULL").Scan(&v).Error
	return v, err
}

// NoteCall records that a channel's provider called with a good signature.
func NoteCall(tx *Tx, channel models.ID) error {
	return exec(tx.g, `INSERT INTO channel_health(channel_id, called_at, changed_at) VALUES (?,?,?)
		ON CONFLICT(channel_id) DO UPDATE SET called_at = excluded.called_at`, channel, tx.Now(), tx.Now()).Error
}
