/** Asks the portal's page what it would post to open our frame again. */

import { send } from "./frame.js";

const portalMilliseconds = 5000;

/** Asks the portal's page, which may not know the command.
 *  @type {(command: string) => Promise<Record<string, any> | null>} */
export function askPortal(command) {
  return new Promise((resolve) => {
    setTimeout(resolve, portalMilliseconds, null);
    send(command, undefined, resolve);
  });
}

/** The form that a portal posts to open a frame.
 *  @type {(told: Record<string, any>) => FormData} */
export function callOf({ MEMBER_ID: memberId, PLACEMENT_OPTIONS: options, ...told }) {
  const body = new FormData();
  body.append("member_id", memberId);
  body.append("PLACEMENT_OPTIONS", typeof options === "string" ? options : JSON.stringify(options));
  for (const name of ["DOMAIN", "PROTOCOL", "LANG", "AUTH_ID", "REFRESH_ID", "PLACEMENT"]) body.append(name, told[name] ?? "");
  return body;
}
