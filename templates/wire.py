"""The messages of google.firestore.v1 as raw protobuf classes.

Google's package offers them wrapped by proto-plus, whose attribute access costs more than the whole encoding of a
document; `.pb()` gives the class underneath. Google ships no type information for it: `wire.pyi` does.
"""

from google.cloud.firestore_v1 import types
from google.protobuf import empty_pb2

Value = types.Value.pb()
ArrayValue = types.ArrayValue.pb()
MapValue = types.MapValue.pb()
Document = types.Document.pb()
DocumentMask = types.DocumentMask.pb()
Precondition = types.Precondition.pb()
Write = types.Write.pb()
WriteResult = types.WriteResult.pb()
FieldTransform = types.DocumentTransform.FieldTransform.pb()
Cursor = types.Cursor.pb()
StructuredQuery = types.StructuredQuery.pb()
Filter = types.StructuredQuery.Filter.pb()
FieldFilter = types.StructuredQuery.FieldFilter.pb()
CompositeFilter = types.StructuredQuery.CompositeFilter.pb()
UnaryFilter = types.StructuredQuery.UnaryFilter.pb()
Order = types.StructuredQuery.Order.pb()
StructuredAggregationQuery = types.StructuredAggregationQuery.pb()
GetDocumentRequest = types.GetDocumentRequest.pb()
BatchGetDocumentsRequest = types.BatchGetDocumentsRequest.pb()
BatchGetDocumentsResponse = types.BatchGetDocumentsResponse.pb()
CommitRequest = types.CommitRequest.pb()
CommitResponse = types.CommitResponse.pb()
BatchWriteRequest = types.BatchWriteRequest.pb()
BatchWriteResponse = types.BatchWriteResponse.pb()
BeginTransactionRequest = types.BeginTransactionRequest.pb()
BeginTransactionResponse = types.BeginTransactionResponse.pb()
RollbackRequest = types.RollbackRequest.pb()
RollbackResponse = empty_pb2.Empty
RunQueryRequest = types.RunQueryRequest.pb()
RunQueryResponse = types.RunQueryResponse.pb()
RunAggregationQueryRequest = types.RunAggregationQueryRequest.pb()
RunAggregationQueryResponse = types.RunAggregationQueryResponse.pb()
