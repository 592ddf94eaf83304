const status = document.getElementById("status");
const text = document.getElementById("status-text");

for (const place of document.querySelectorAll("[data-origin]")) {
  place.textContent = location.origin;
}

try {
  const response = await fetch("/health/ready", { headers: { Accept: "application/json" } });
  const answer = await response.json();
  status.classList.add(response.ok ? "good" : "bad");
  text.textContent = response.ok ? "The service is ready." : answer.detail;
} catch {
  status.classList.add("bad");
  text.textContent = "The service does not answer.";
}
