package views

import (
	"html/template"
	"text/template/parse"
)

// fold puts what is the same at every drawing into the templates before their first: the words of the
// catalogue that stand by a constant key without values, and icons. A page asks for a hundred and more of
// them, at some 2 µs each. They stand in text and in quoted attributes only, never in scripts or addresses
// (TestFoldedPagesAreTheSame).
func fold(set *template.Template, w *Words) {
	for _, t := range set.Templates() {
		if t.Tree != nil {
			foldList(t.Tree.Root, w)
		}
	}
}

func foldList(list *parse.ListNode, w *Words) {
	if list == nil {
		return
	}
	out := list.Nodes[:0]
	for _, n := range list.Nodes {
		text, ok := n.(*parse.TextNode)
		switch n := n.(type) {
		case *parse.ActionNode:
			var constant string
			if constant, ok = constantOf(n.Pipe, w); ok {
				text = &parse.TextNode{NodeType: parse.NodeText, Pos: n.Pos, Text: []byte(constant)}
			}
		case *parse.IfNode:
			foldBranch(&n.BranchNode, w)
		case *parse.RangeNode:
			foldBranch(&n.BranchNode, w)
		case *parse.WithNode:
			foldBranch(&n.BranchNode, w)
		}
		if !ok {
			out = append(out, n)
			continue
		}
		if last := len(out) - 1; last >= 0 {
			if before, joins := out[last].(*parse.TextNode); joins {
				before.Text = append(before.Text[:len(before.Text):len(before.Text)], text.Text...)
				continue
			}
		}
		out = append(out, text)
	}
	list.Nodes = out
}

func foldBranch(b *parse.BranchNode, w *Words) {
	foldList(b.List, w)
	foldList(b.ElseList, w)
}

// constantOf is what an action draws that asks for a word or an icon by a constant, escaped.
func constantOf(pipe *parse.PipeNode, w *Words) (string, bool) {
	if len(pipe.Decl) != 0 || len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 2 {
		return "", false
	}
	name, isName := pipe.Cmds[0].Args[0].(*parse.IdentifierNode)
	key, isKey := pipe.Cmds[0].Args[1].(*parse.StringNode)
	switch {
	case !isName || !isKey:
		return "", false
	case name.Ident == "t":
		return template.HTMLEscapeString(w.T(key.Text)), true
	case name.Ident == "icon":
		return string(icon(key.Text)), true
	}
	return "", false
}
