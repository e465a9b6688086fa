"""What the book needs beyond Jupyter Book's own settings: one address, and three repairs."""

import re


def _use_address(config):
    """Derive every setting that depends on where the book lives from ``repository.url``.

    Without an address there are no launch, edit and issue buttons and no sitemap, because each of
    them would point nowhere.  With one on GitHub, the published site is taken to be its Pages
    site unless ``html_baseurl`` says otherwise.

    Parameters
    ----------
    config : the settings that Jupyter Book hands to Sphinx; changed in place.

    Returns
    -------
    list of str
        Names of the extensions to load.
    """
    options = config["html_theme_options"]
    address = (options.get("repository_url") or "").rstrip("/")
    if not address:
        options.pop("launch_buttons", None)
        for button in ("use_issues_button", "use_repository_button", "use_edit_page_button"):
            options[button] = False
        config.pop("sitemap_url_scheme", None)
        return []
    options["repository_url"] = address
    github = re.fullmatch(r"https://github\.com/([^/]+)/([^/]+)", address)
    if github and not config.get("html_baseurl"):
        config["html_baseurl"] = f"https://{github[1].lower()}.github.io/{github[2]}/"
    if not config.get("html_baseurl"):
        config.pop("sitemap_url_scheme", None)
        return []
    config["ogp_site_url"] = config["html_baseurl"]
    return ["sphinx_sitemap"]


def _share_html_handlers(app):
    # sphinx-exercise registers handlers for "singlehtml" alone, which hides every other
    # extension's "html" handlers from that builder (and so from the PDF made with it).
    table = app.registry.translation_handlers
    if "singlehtml" in table:
        for name, pair in table.get("html", {}).items():
            table["singlehtml"].setdefault(name, pair)


def _drop_repeated_scripts(app, pagename, templatename, context, doctree):
    # sphinx-thebe adds its inline constants twice: "already been declared" in the console.
    seen, kept = set(), []
    for script in context.get("script_files", []):
        name = getattr(script, "filename", script) or ""
        key = (str(name), getattr(script, "attributes", {}).get("body"))
        if key not in seen:
            seen.add(key)
            kept.append(script)
    context["script_files"] = kept


def _allow_roles(app, pagename, templatename, context, doctree):
    # docutils gives bibliography entries a role that HTML has since dropped for them.
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app):
    for extension in _use_address(app.config.overrides):
        app.setup_extension(extension)
    app.connect("builder-inited", _share_html_handlers)
    app.connect("html-page-context", _drop_repeated_scripts, priority=900)
    app.connect("html-page-context", _allow_roles, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
