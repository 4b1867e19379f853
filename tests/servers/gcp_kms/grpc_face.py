"""gRPC: google.cloud.kms.v1.KeyManagementService, with the messages of google-cloud-kms."""

import base64
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.cloud.kms_v1.types import (
    DecryptRequest,
    DecryptResponse,
    EncryptRequest,
    EncryptResponse,
)
from google.protobuf.any_pb2 import Any
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from . import faults
from .state import ServiceError

SERVICE = "google.cloud.kms.v1.KeyManagementService"


def start(state):
    """Start a server on a port of its own; return it and the port."""
    server = grpc.server(ThreadPoolExecutor(20))
    handlers = {
        "Encrypt": grpc.unary_unary_rpc_method_handler(
            lambda request, context: called(state, "Encrypt", request, context),
            request_deserializer=EncryptRequest.deserialize,
        ),
        "Decrypt": grpc.unary_unary_rpc_method_handler(
            lambda request, context: called(state, "Decrypt", request, context),
            request_deserializer=DecryptRequest.deserialize,
        ),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def called(state, operation, request, context):
    """Return the bytes of an answer."""
    bearer = dict(context.invocation_metadata()).get("authorization", "").removeprefix("Bearer ")
    asked = {
        "name": request.name,
        "client": context.peer(),
        "data": request.plaintext if operation == "Encrypt" else request.ciphertext,
        "aad": request.additional_authenticated_data,
        "data_crc": (
            request.plaintext_crc32c if operation == "Encrypt" else request.ciphertext_crc32c
        ),
        "aad_crc": request.additional_authenticated_data_crc32c,
    }
    fault = state.fault_of(operation, "kms")
    if fault["kind"] in {"raw", "cut", "not_http"}:
        return b"\xff\xff not a message"
    if fault["kind"] in {"drip", "drip_header"}:
        fault = {"kind": "hang"}
    if fault["kind"] == "close":
        abort(context, ServiceError("UNAVAILABLE", "Socket closed"))
    shown = base64.b64encode(asked["data"]).decode()
    try:
        faults.before(state, fault, {**asked, "bearer": bearer, "shown": shown})
        answer = faults.after(fault, state.answer(operation, asked, bearer, "grpc"))
    except ServiceError as error:
        abort(context, error)
    if operation == "Decrypt":
        message = DecryptResponse(plaintext=answer["data"], plaintext_crc32c=answer["crc"])
        return DecryptResponse.serialize(message)
    return EncryptResponse.serialize(
        EncryptResponse(
            name=answer["name"],
            ciphertext=answer["data"],
            ciphertext_crc32c=answer["crc"],
            verified_plaintext_crc32c=answer["verified"],
            verified_additional_authenticated_data_crc32c=answer["aad_verified"],
        )
    )


def abort(context, error):
    code = grpc.StatusCode[error.status].value[0]
    status = status_pb2.Status(code=code, message=error.message)
    if error.reason:
        detail = Any()
        detail.Pack(error_details_pb2.ErrorInfo(reason=error.reason, domain="googleapis.com"))
        status.details.append(detail)
    context.abort_with_status(rpc_status.to_status(status))
