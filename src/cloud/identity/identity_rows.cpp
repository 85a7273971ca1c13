#include "cloud/identity/identity_rows.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "cloud/identity/entities.h"
#include "cloud/identity/identity_tables.h"
#include "store/values.h"

namespace sightline::identity {

using store::bytes;
using store::instant;
using store::Row;
using store::Transaction;

User user_of(const Row& row, std::string_view account) {
  return {std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)),
          user_arn(account, row.text(1), row.text(0)), instant(row.integer(3))};
}

Result<User> read_user(Transaction& transaction, std::string_view account, std::string_view name) {
  const std::string key = to_lower(name);
  std::optional<User> user;
  TRY(transaction.query(sql::kUser, {account, bytes(key)},
                        [&](const Row& row) { user = user_of(row, account); }));
  if (!user) return fail(ErrorKind::not_found, fmt::format("there is no user '{}'", name));
  return *std::move(user);
}

std::string place_of(std::string_view account, std::string_view id) {
  return fmt::format("identity/{}/{}", account, id);
}

Result<std::vector<std::string>> keep_gone(Transaction& transaction, const std::vector<std::string>& ids) {
  std::vector<std::string> forgotten;
  if (ids.empty()) return forgotten;
  std::int64_t last = TRY(count_rows(transaction, sql::kLastGone, {}));
  for (const std::string& id : ids) TRY(transaction.execute(sql::kInsertGone, {++last, id}));
  TRY(transaction.query(sql::kForgetGone, {last - kMaxGoneKeys},
                        [&](const Row& row) { forgotten.emplace_back(row.text(0)); }));
  return forgotten;
}

}  // namespace sightline::identity
