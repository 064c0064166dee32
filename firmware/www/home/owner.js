"use strict";
// Who may come in: the login, the password and its change.

let waiting_s = 0; // until the dongle looks at a password again

function sayAt(form, words) {
  put($(form).querySelector(".error"), words);
}

async function logIn() {
  if (waiting_s) return;
  const button = $("login").querySelector("button");
  button.disabled = true;
  sayAt("login", "");
  try {
    await persist("POST", "login", { password: $("password").value });
    $("password").value = "";
    begin();
  } catch (error) {
    if (error.status === 429) await countDown(error.retry_s || 1);
    else sayAt("login", because(error));
    $("password").select();
  }
  button.disabled = false;
}

async function countDown(seconds) {
  for (waiting_s = seconds; waiting_s > 0; waiting_s -= 1) {
    sayAt("login", text("login_wait", { seconds: waiting_s }));
    await wait(1000);
  }
  waiting_s = 0;
  sayAt("login", text("login_again"));
}

// The dongle wants a password, or once more.
function leave() {
  if (isIn === false) return;
  isIn = false;
  closeStream();
  render();
}

async function logOut() {
  await persist("POST", "logout", {}).catch(() => {});
  forgetAll();
  leave();
}

async function changePassword() {
  const [old, next] = [$("old-password").value, $("next-password").value];
  sayAt("new-password", "");
  put($("password-kept"), "");
  if (next.length < 8) return sayAt("new-password", text("password_short"));
  try {
    await persist("POST", "password", { old, new: next });
    $("old-password").value = $("next-password").value = "";
    put($("password-kept"), text("password_kept"));
    refresh("diagnosis");
  } catch (error) {
    sayAt("new-password", error.status === 429 ? text("login_wait", { seconds: error.retry_s }) : because(error));
  }
  return undefined;
}

function listenToOwner() {
  for (const [form, act] of [["login", logIn], ["new-password", changePassword]]) {
    $(form).addEventListener("submit", (event) => {
      event.preventDefault();
      act();
    });
  }
  $("logout").addEventListener("click", logOut);
}
