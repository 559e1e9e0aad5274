// The small signs of BPMN around the point (0, 0), as webapp/diagram/signs.py draws them.

export const LINES = {
  userTask: "M-3-4a3 3 0 1 1 6 0a3 3 0 1 1-6 0M-6 6c0-5 3-6 6-6s6 1 6 6z",
  manualTask: "M-6-1l4-4h3l-2 3h7v2h-4h4v2h-4h4v2h-4h3v2h-8l-3-3z",
  serviceTask:
    "M-2-2a3 3 0 1 1 4 4a3 3 0 1 1-4-4M0-6v2M0 4v2M-6 0h2M4 0h2M-4-4l1 1M3 3l1 1M4-4l-1 1M-3 3l-1 1",
  businessRuleTask: "M-6-5h12v10h-12zM-6-2h12M-6 2h12M-2-2v7",
  timer: "M-6 0a6 6 0 1 1 12 0a6 6 0 1 1-12 0M0-4v4l3 2",
  message: "M-6-4h12v8h-12zM-6-4l6 5l6-5",
  signal: "M0-6l6 10h-12z",
  error: "M-5 5l3-9l4 5l3-6l-3 9l-4-5z",
  escalation: "M0-6l4 11l-4-4l-4 4z",
  conditional: "M-5-6h10v12h-10zM-3-3h6M-3 0h6M-3 3h6",
  exclusiveGateway: "M-6-6l12 12M6-6l-12 12",
  parallelGateway: "M0-8v16M-8 0h16",
  inclusiveGateway: "M-8 0a8 8 0 1 1 16 0a8 8 0 1 1-16 0",
  eventBasedGateway: "M-9 0a9 9 0 1 1 18 0a9 9 0 1 1-18 0M0-6l6 4l-2 7h-8l-2-7z",
  collapsed: "M-6-6h12v12h-12zM0-4v8M-4 0h8",
};
export const FILLS = { terminate: "M-8 0a8 8 0 1 1 16 0a8 8 0 1 1-16 0" };
/** What an end event throws is drawn filled. */
export const THROWN = new Set(["message", "signal", "error", "escalation"]);
