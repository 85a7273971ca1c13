#include "aws/iam/access_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/iam/answers.h"
#include "aws/iam/iam_error.h"

namespace sightline::aws::iam {
namespace {

std::string status_of(bool active) {
  return active ? "Active" : "Inactive";
}

/// Whether the user or the key is missing is for the caller to know.
std::unexpected<wire::ServiceError> missing(const std::string& user, const std::string& key,
                                            const dispatch::Context& context,
                                            identity::Identities& identities) {
  if (!user.empty() && !identities.get_user(context.caller.account, user)) return no_such_user(user);
  return wire::refuse(kNoSuchEntityException, fmt::format("The Access Key with id {} cannot be found.", key));
}

}  // namespace

wire::Answer<CreateAccessKeyResponse> create_access_key(const CreateAccessKeyRequest& request,
                                                        const dispatch::Context& context,
                                                        identity::Identities& identities) {
  const std::string user = TRY(user_meant(request.user_name, context));
  const auto made = identities.create_access_key(context.caller.account, user);
  if (!made) {
    switch (made.error().kind) {
      case ErrorKind::not_found:
        return no_such_user(user);
      case ErrorKind::too_large:
        return wire::refuse(kLimitExceededException,
                            fmt::format("Cannot exceed quota for AccessKeysPerUser: {}", identity::kMaxKeys));
      default:
        return failure(made.error());
    }
  }
  AccessKey key;
  key.user_name = made->principal.name;
  key.access_key_id = made->access_key_id;
  key.secret_access_key = made->secret;
  key.status = status_of(made->active);
  key.create_date = context.now;
  return CreateAccessKeyResponse{key};
}

wire::Answer<ListAccessKeysResponse> list_access_keys(const ListAccessKeysRequest& request,
                                                      const dispatch::Context& context,
                                                      identity::Identities& identities) {
  const std::string user = TRY(user_meant(request.user_name, context));
  const auto keys = identities.list_access_keys(context.caller.account, user);
  if (!keys && keys.error().kind == ErrorKind::not_found) return no_such_user(user);
  if (!keys) return failure(keys.error());
  auto key = keys->begin();
  if (request.marker) {
    // After the last one of the page before; from the start where that has been deleted meanwhile.
    const std::string after = TRY(position_of(*request.marker));
    const auto last = std::ranges::find(*keys, after, &identity::AccessKey::id);
    if (last != keys->end()) key = std::next(last);
  }
  const std::size_t limit = request.max_items ? static_cast<std::size_t>(*request.max_items) : kDefaultPage;
  ListAccessKeysResponse response;
  auto& page = response.access_key_metadata.emplace();
  for (; key != keys->end() && page.size() < limit; ++key)
    page.push_back({key->user, key->id, status_of(key->active), key->created});
  response.is_truncated = key != keys->end();
  if (*response.is_truncated) response.marker = marker_of(*page.back().access_key_id);
  return response;
}

wire::Answer<wire::Empty> update_access_key(const UpdateAccessKeyRequest& request,
                                            const dispatch::Context& context,
                                            identity::Identities& identities) {
  if (*request.status != "Active" && *request.status != "Inactive")
    return wire::refuse(kInvalidInputException,
                        fmt::format("The status {} cannot be given to an access key.", *request.status));
  const auto state = *request.status == "Active" ? identity::KeyState::active : identity::KeyState::inactive;
  const std::string user = TRY(user_meant(request.user_name, context));
  const auto updated =
      identities.update_access_key(context.caller.account, user, *request.access_key_id, state);
  if (updated) return wire::Empty{};
  if (updated.error().kind == ErrorKind::not_found)
    return missing(user, *request.access_key_id, context, identities);
  return failure(updated.error());
}

wire::Answer<wire::Empty> delete_access_key(const DeleteAccessKeyRequest& request,
                                            const dispatch::Context& context,
                                            identity::Identities& identities) {
  const std::string user = TRY(user_meant(request.user_name, context));
  const auto deleted = identities.delete_access_key(context.caller.account, user, *request.access_key_id);
  if (deleted) return wire::Empty{};
  if (deleted.error().kind == ErrorKind::not_found)
    return missing(user, *request.access_key_id, context, identities);
  return failure(deleted.error());
}

}  // namespace sightline::aws::iam
