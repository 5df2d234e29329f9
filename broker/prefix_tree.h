#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace respublica {

/// Values by key, for the question "which keys are a prefix of this text?". It costs the part of the text that some key
/// shares, however many keys there are: usually the first byte or two.
///
///     (root) -- "pattern:" -- "1" -- "0:"      a radix tree: an edge carries all bytes up to the next fork or value
///           \                    \-- "1:"
///            \- "news."
///
/// Value is default constructible, movable and has empty(): a value that is empty is as good as none. Keys are short
/// (the depth of the tree, and of the recursion that destroys it, is at most their length).
///
/// Thread: its owner's.
template <typename Value>
class PrefixTree {
 public:
  /// The value of `key`, empty if it is new: fill it.
  Value& operator[](std::string_view key);

  /// Calls change(value) on the value of `key`, which exists, and removes it if it is empty then.
  template <typename F>
  void change(std::string_view key, F&& change);

  /// Calls f(value) for each key that `text` begins with, shortest first.
  template <typename F>
  void for_each_prefix_of(std::string_view text, F&& f) const;

  bool empty() const { return root_.value.empty() && root_.children.empty(); }

 private:
  struct Node {
    Node* child(char first) const {
      const std::size_t place = first_bytes.find(first);
      return place == std::string::npos ? nullptr : children[place].get();
    }
    Node& add_child(std::string_view child_label) {
      first_bytes.push_back(child_label.front());
      children.push_back(std::make_unique<Node>());
      children.back()->label = child_label;
      return *children.back();
    }
    void split(std::size_t at);
    void take_place_of_only_child();

    /// The bytes between the parent and this node.
    std::string label;
    /// The first byte of each child's label, in the order of children.
    std::string first_bytes;
    std::vector<std::unique_ptr<Node>> children;
    Value value;
  };

  static std::size_t shared_size(std::string_view a, std::string_view b) {
    const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return static_cast<std::size_t>(in_a - a.begin());
  }

  Node root_;
};

/// Puts a node between this one and its parent: this one keeps the first `at` bytes of the label.
template <typename Value>
void PrefixTree<Value>::Node::split(std::size_t at) {
  auto rest = std::make_unique<Node>();
  rest->label = label.substr(at);
  rest->first_bytes = std::move(first_bytes);
  rest->children = std::move(children);
  rest->value = std::move(value);
  label.resize(at);
  first_bytes.assign(1, rest->label.front());
  children.clear();
  children.push_back(std::move(rest));
  value = Value();
}

template <typename Value>
void PrefixTree<Value>::Node::take_place_of_only_child() {
  const std::unique_ptr<Node> child = std::move(children.front());
  label += child->label;
  first_bytes = std::move(child->first_bytes);
  children = std::move(child->children);
  value = std::move(child->value);
}

template <typename Value>
Value& PrefixTree<Value>::operator[](std::string_view key) {
  Node* node = &root_;
  while (!key.empty()) {
    Node* child = node->child(key.front());
    if (child == nullptr) return node->add_child(key).value;
    const std::size_t shared = shared_size(child->label, key);
    if (shared < child->label.size()) child->split(shared);
    key.remove_prefix(shared);
    node = child;
  }
  return node->value;
}

template <typename Value>
template <typename F>
void PrefixTree<Value>::change(std::string_view key, F&& change) {
  Node* parent = nullptr;
  Node* node = &root_;
  while (!key.empty()) {
    parent = node;
    node = node->child(key.front());
    key.remove_prefix(node->label.size());
  }
  change(node->value);
  if (!node->value.empty() || parent == nullptr) return;
  if (node->children.size() == 1) {
    node->take_place_of_only_child();
  } else if (node->children.empty()) {
    const std::size_t place = parent->first_bytes.find(node->label.front());
    parent->first_bytes.erase(place, 1);
    parent->children.erase(parent->children.begin() + static_cast<std::ptrdiff_t>(place));
    if (parent != &root_ && parent->value.empty() && parent->children.size() == 1) parent->take_place_of_only_child();
  }
}

template <typename Value>
template <typename F>
void PrefixTree<Value>::for_each_prefix_of(std::string_view text, F&& f) const {
  const Node* node = &root_;
  for (;;) {
    if (!node->value.empty()) f(node->value);
    if (text.empty()) return;
    node = node->child(text.front());
    if (node == nullptr || !text.starts_with(node->label)) return;
    text.remove_prefix(node->label.size());
  }
}

}  // namespace respublica
