// Takes the code of a sign-in link out of its address, where no log and no history of servers has it, and posts it.
"use strict";
const code = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
if (code) {
  document.getElementById("code").value = code;
  document.getElementById("enter").submit();
} else {
  document.getElementById("failed").hidden = false;
}
