"""The troubles of mounts: by Windows error number, by Linux mount error, by csi-proxy; and the judgement of events."""
