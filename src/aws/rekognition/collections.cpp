#include "aws/rekognition/collections.h"

#include <fmt/format.h>

#include "aws/rekognition/collection_shapes.h"
#include "aws/rekognition/rekognition_error.h"

namespace sightline::aws::rekognition {
namespace {

/// Source: the model's own limit of a TagMap.
constexpr std::size_t kMaxTags = 200;

/// The collection that an ARN names; with or without the "arn:" that CreateCollection's answer lacks.
wire::Answer<std::string> collection_of(std::string_view arn, const collections::Tenant& tenant) {
  if (arn.starts_with("arn:")) arn.remove_prefix(4);
  const std::string own = collection_name(tenant, "");
  if (arn.starts_with(own) && arn.size() > own.size()) return std::string(arn.substr(own.size()));
  if (arn.starts_with("aws:rekognition:") && arn.find(":collection/") != std::string_view::npos)
    return wire::refuse(kAccessDeniedException, "The collection is another account's or region's");
  return wire::refuse(kInvalidParameterException, "Request has invalid parameters");
}

}  // namespace

wire::Answer<CreateCollectionResponse> create_collection(const CreateCollectionRequest& request,
                                                         const dispatch::Context& context,
                                                         collections::FaceCollections& collections,
                                                         Vision& vision) {
  // A collection holds vectors of one model: the one that sees now.
  const auto recogniser = vision.recogniser();
  if (!recogniser) return internal_failure(recogniser.error());
  const collections::Tenant tenant = tenant_of(context);
  const auto made = collections.create(tenant, *request.collection_id, vector_model(**recogniser),
                                       request.tags.value_or(collections::Tags()));
  if (!made) return refuse_collection(made.error(), *request.collection_id);
  CreateCollectionResponse response;
  response.status_code = 200;
  response.collection_arn = collection_name(tenant, made->id);
  response.face_model_version = face_model_version(made->model);
  return response;
}

wire::Answer<DescribeCollectionResponse> describe_collection(const DescribeCollectionRequest& request,
                                                             const dispatch::Context& context,
                                                             collections::FaceCollections& collections) {
  const collections::Tenant tenant = tenant_of(context);
  const std::string& id = *request.collection_id;
  const auto collection = collections.describe(tenant, id);
  if (!collection) return refuse_collection(collection.error(), id);
  const auto count = collections.face_count(tenant, id);
  if (!count) return refuse_collection(count.error(), id);
  DescribeCollectionResponse response;
  response.face_count = static_cast<std::int64_t>(*count);
  response.face_model_version = face_model_version(collection->model);
  response.collection_arn = "arn:" + collection_name(tenant, id);
  response.creation_timestamp = wire::Timestamp(collection->created);
  // Users cannot be made yet.
  response.user_count = 0;
  return response;
}

wire::Answer<ListCollectionsResponse> list_collections(const ListCollectionsRequest& request,
                                                       const dispatch::Context& context,
                                                       collections::FaceCollections& collections) {
  auto page =
      collections.list(tenant_of(context), page_token(request.next_token), page_size(request.max_results));
  if (!page) return refuse_collection(page.error(), "");
  ListCollectionsResponse response;
  auto& ids = response.collection_ids.emplace();
  auto& versions = response.face_model_versions.emplace();
  for (collections::Collection& collection : page->items) {
    versions.push_back(face_model_version(collection.model));
    ids.push_back(std::move(collection.id));
  }
  response.next_token = std::move(page->next);
  return response;
}

wire::Answer<DeleteCollectionResponse> delete_collection(const DeleteCollectionRequest& request,
                                                         const dispatch::Context& context,
                                                         collections::FaceCollections& collections) {
  const auto removed = collections.remove(tenant_of(context), *request.collection_id);
  if (!removed) return refuse_collection(removed.error(), *request.collection_id);
  DeleteCollectionResponse response;
  response.status_code = 200;
  return response;
}

wire::Answer<TagResourceResponse> tag_resource(const TagResourceRequest& request,
                                               const dispatch::Context& context,
                                               collections::FaceCollections& collections) {
  const collections::Tenant tenant = tenant_of(context);
  const std::string id = TRY(collection_of(*request.resource_arn, tenant));
  const auto tagged = collections.tag(tenant, id, *request.tags, kMaxTags);
  if (!tagged) return refuse_collection(tagged.error(), id);
  return TagResourceResponse{};
}

wire::Answer<UntagResourceResponse> untag_resource(const UntagResourceRequest& request,
                                                   const dispatch::Context& context,
                                                   collections::FaceCollections& collections) {
  const collections::Tenant tenant = tenant_of(context);
  const std::string id = TRY(collection_of(*request.resource_arn, tenant));
  const auto untagged = collections.untag(tenant, id, *request.tag_keys);
  if (!untagged) return refuse_collection(untagged.error(), id);
  return UntagResourceResponse{};
}

wire::Answer<ListTagsForResourceResponse> list_tags_for_resource(const ListTagsForResourceRequest& request,
                                                                 const dispatch::Context& context,
                                                                 collections::FaceCollections& collections) {
  const collections::Tenant tenant = tenant_of(context);
  const std::string id = TRY(collection_of(*request.resource_arn, tenant));
  auto tags = collections.tags(tenant, id);
  if (!tags) return refuse_collection(tags.error(), id);
  ListTagsForResourceResponse response;
  response.tags = std::move(*tags);
  return response;
}

}  // namespace sightline::aws::rekognition
