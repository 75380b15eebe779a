package staff

import (
	"strings"

	"onethread/models/auth"
	"onethread/models/store"
	"onethread/views"
)

// banner is what stands above everything while something is wrong. The zero value is none.
type banner struct {
	words string
	link  string // where it can be mended, for who may
	low   bool   // free space is short: how much there is changes all the time, and is no news
}

// troubles tells when the disk is full or nearly so, the database damaged or a channel's credentials refused,
// and when that is over. What concerns the whole server comes first.
func (st *stream) troubles() error {
	now, err := st.serverTrouble()
	if err == nil && now == (banner{}) {
		now, err = st.channelTrouble()
	}
	if err != nil || now == st.trouble || now.low && st.trouble.low {
		return nil // a failure here is not worth the stream
	}
	st.trouble = now
	return st.send(frame{T: "trouble", Name: now.words, Link: now.link})
}

func (st *stream) serverTrouble() (banner, error) {
	space, err := st.s.Store.Space()
	switch {
	case err != nil:
		return banner{}, err
	case st.s.Store.Damaged():
		return banner{words: st.r.words.T("trouble.damaged")}, nil
	case space.Full:
		return banner{words: st.r.words.T("trouble.full")}, nil
	case space.Low():
		return banner{words: st.r.words.T("trouble.low", views.Bytes(space.Free)), low: true}, nil
	}
	return banner{}, nil
}

// refusedChannels names a reading of the channels whose credentials are refused.
type refusedChannels struct{}

// channelTrouble names the channels that cannot receive or send because their credentials are refused.
func (st *stream) channelTrouble() (banner, error) {
	found, err := shared(&st.s.news, st.bell, refusedChannels{}, func() ([]store.Trouble, error) {
		return store.Troubles(st.s.Store.Read(st.s.Streams))
	})
	if err != nil || len(found) == 0 {
		return banner{}, err
	}
	key, names := "trouble.both", make([]string, len(found))
	for i, t := range found {
		names[i] = t.Name
	}
	if len(found) == 1 && !found[0].Sending {
		key = "trouble.receive"
	} else if len(found) == 1 && !found[0].Reading {
		key = "trouble.send"
	}
	f := banner{words: st.r.words.T(key, strings.Join(names, ", "))}
	if auth.Can(st.r.user.Role, auth.SettingsChans) {
		f.link = "/settings/channels"
		if len(found) == 1 {
			f.link += "/" + found[0].ChannelID.String()
		}
		return f, nil
	}
	f.words += " " + st.r.words.T("trouble.ask")
	return f, nil
}
