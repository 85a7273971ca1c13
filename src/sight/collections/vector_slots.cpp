#include "sight/collections/vector_slots.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "sight/collections/face_collections.h"
#include "sight/collections/tables.h"

namespace sightline::collections {
namespace {

/// The collection's number (0: the slot is free), the face's id, the vector.
constexpr std::size_t kContentBytes = 8 + sizeof(Uuid) + kStoredBytes;
using Content = std::array<std::uint8_t, kContentBytes>;

Content content_of(std::int64_t number, const Uuid& face, const CodedVector& vector) {
  Content content{};
  std::memcpy(content.data(), &number, 8);
  std::ranges::copy(face.bytes, content.begin() + 8);
  std::ranges::copy(store_vector(vector), content.begin() + 8 + sizeof(Uuid));
  return content;
}

}  // namespace

Result<void> VectorSlots::load(store::Transaction& transaction, const Visit& visit) {
  std::lock_guard lock(mutex_);
  Result<void> whole;
  Slots* slots = nullptr;
  std::pair<std::string, std::string> tenant;
  TRY(transaction.query(sql::kSlots, {}, [&](const store::Row& row) {
    if (slots == nullptr || row.text(0) != tenant.first || row.text(1) != tenant.second) {
      tenant = {std::string(row.text(0)), std::string(row.text(1))};
      slots = &tenants_[tenant];
    }
    const std::int64_t slot = row.integer(2);
    slots->next = std::max(slots->next, slot + 1);
    const store::BytesView content = row.bytes(3);
    std::int64_t number = -1;
    if (content.size() == kContentBytes) std::memcpy(&number, content.data(), 8);
    if (number == 0) {
      slots->free.push_back(slot);
      return;
    }
    const auto vector = load_vector(content.subspan(std::min(content.size(), 8 + sizeof(Uuid))));
    if (!vector) {
      whole = std::unexpected(vector.error());
      return;
    }
    Filled filled{slot, number, {}, *vector};
    std::memcpy(filled.face.bytes.data(), content.data() + 8, sizeof(Uuid));
    visit(filled);
  }));
  return whole;
}

Result<std::int64_t> VectorSlots::fill(store::Transaction& transaction, const Tenant& tenant,
                                       std::int64_t number, const Uuid& face, const CodedVector& vector) {
  std::int64_t slot = 0;
  bool used_before = false;
  {
    std::lock_guard lock(mutex_);
    Slots& slots = tenants_[{tenant.account, tenant.region}];
    used_before = !slots.free.empty();
    slot = used_before ? slots.free.back() : slots.next;
    if (used_before) slots.free.pop_back();
    if (!used_before) ++slots.next;
  }
  const Content content = content_of(number, face, vector);
  if (used_before &&
      TRY(transaction.execute(sql::kSetSlot, {content, tenant.account, tenant.region, slot})) > 0)
    return slot;
  // New, or taken in a transaction that came to nothing.
  TRY(transaction.execute(sql::kNewSlot, {tenant.account, tenant.region, slot, content}));
  return slot;
}

Result<void> VectorSlots::clear(store::Transaction& transaction, const Tenant& tenant,
                                std::span<const std::int64_t> slots) {
  static constexpr Content kFree{};
  for (const std::int64_t slot : slots)
    TRY(transaction.execute(sql::kSetSlot, {kFree, tenant.account, tenant.region, slot}));
  return {};
}

void VectorSlots::release(const Tenant& tenant, std::span<const std::int64_t> slots) {
  std::lock_guard lock(mutex_);
  auto& free = tenants_[{tenant.account, tenant.region}].free;
  free.insert(free.end(), slots.begin(), slots.end());
}

}  // namespace sightline::collections
