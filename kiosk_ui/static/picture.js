// The photo screen. The chosen picture is drawn small on the page's canvas, so that whatever the camera wrote beside it
// stays behind, and goes as text in the form's field `body`. A file that is no picture goes as `none`: the shop says so.
const LONGEST = 1280;

document.addEventListener('change', async ({ target }) => {
  if (target.type !== 'file' || !target.files.length) return;
  const form = target.form;
  const sheet = form.querySelector('canvas');
  sheet.hidden = true;
  let body = 'none';
  try {
    const picture = await createImageBitmap(target.files[0]);
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    sheet.width = Math.round(picture.width * scale);
    sheet.height = Math.round(picture.height * scale);
    sheet.getContext('2d').drawImage(picture, 0, 0, sheet.width, sheet.height);
    sheet.hidden = false;
    body = sheet.toDataURL('image/jpeg', 0.85).split(',')[1];
  } catch { /* no picture */ }
  form.elements.body.value = body;
});
