#pragma once
// How tables reach into the structs of a model without knowing their types.

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sightline::aws::wire {

/// A point in time as the services keep it: milliseconds since 1970, UTC.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// std::optional for a structure that contains itself: the value lies on the heap. Copies are deep.
template <typename T>
class Box {
 public:
  Box() = default;
  Box(T value) : value_(std::make_unique<T>(std::move(value))) {}  // NOLINT: converts as std::optional does
  Box(const Box& other) : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
  Box(Box&&) noexcept = default;
  Box& operator=(Box other) noexcept {
    value_ = std::move(other.value_);
    return *this;
  }
  ~Box() = default;

  T& emplace() {
    value_ = std::make_unique<T>();
    return *value_;
  }
  [[nodiscard]] bool has_value() const { return value_ != nullptr; }
  explicit operator bool() const { return has_value(); }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }

 private:
  std::unique_ptr<T> value_;
};

/// One member of a struct: get() gives its value or null, emplace() a fresh value in its place.
struct Slot {
  const void* (*get)(const void* object) = nullptr;
  void* (*emplace)(void* object) = nullptr;
};

struct ListAccess {
  std::size_t element_size = 0;
  std::size_t (*size)(const void* list) = nullptr;
  const void* (*at)(const void* list, std::size_t index) = nullptr;
  /// A fresh element at the end. Invalidates what earlier calls gave.
  void* (*append)(void* list) = nullptr;
};

struct MapAccess {
  std::size_t element_size = 0;
  std::size_t (*size)(const void* map) = nullptr;
  void (*each)(const void* map,
               const std::function<void(const std::string& key, const void* value)>& visit) = nullptr;
  /// A fresh value under `key`; null if there is one already.
  void* (*insert)(void* map, std::string key) = nullptr;
};

namespace detail {

template <auto kMember>
struct SlotOf;
template <typename Struct, typename Holder, Holder Struct::* kMember>
struct SlotOf<kMember> {
  static const void* get(const void* object) {
    const Holder& holder = static_cast<const Struct*>(object)->*kMember;
    return holder.has_value() ? &*holder : nullptr;
  }
  static void* emplace(void* object) { return &(static_cast<Struct*>(object)->*kMember).emplace(); }
};

template <typename List>
struct ListOf {
  static std::size_t size(const void* list) { return static_cast<const List*>(list)->size(); }
  static const void* at(const void* list, std::size_t index) {
    return &(*static_cast<const List*>(list))[index];
  }
  static void* append(void* list) { return &static_cast<List*>(list)->emplace_back(); }
};

template <typename Map>
struct MapOf {
  static std::size_t size(const void* map) { return static_cast<const Map*>(map)->size(); }
  static void each(const void* map, const std::function<void(const std::string&, const void*)>& visit) {
    for (const auto& [key, value] : *static_cast<const Map*>(map)) visit(key, &value);
  }
  static void* insert(void* map, std::string key) {
    const auto [place, fresh] = static_cast<Map*>(map)->try_emplace(std::move(key));
    return fresh ? &place->second : nullptr;
  }
};

}  // namespace detail

template <auto kMember>
inline constexpr Slot slot{&detail::SlotOf<kMember>::get, &detail::SlotOf<kMember>::emplace};

template <typename List>
inline constexpr ListAccess list_access{sizeof(typename List::value_type), &detail::ListOf<List>::size,
                                        &detail::ListOf<List>::at, &detail::ListOf<List>::append};

template <typename Map>
inline constexpr MapAccess map_access{sizeof(typename Map::value_type), &detail::MapOf<Map>::size,
                                      &detail::MapOf<Map>::each, &detail::MapOf<Map>::insert};

}  // namespace sightline::aws::wire
